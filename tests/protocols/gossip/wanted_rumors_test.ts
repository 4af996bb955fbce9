import assert from "node:assert/strict";
import { WantedRumors } from "../../../src/protocols/gossip/wanted_rumors.ts";

Deno.test("what was asked for is not asked for again while it may come", () => {
  const wanted = new WantedRumors();
  assert.equal(wanted.want("a", 0), true);
  assert.equal(wanted.want("a", 2999), false);
  assert.equal(wanted.want("b", 2999), true);
  assert.equal(wanted.want("a", 3000), true, "it has not come");
  assert.equal(wanted.want("a", 5999), false);
  wanted.got("a");
  assert.equal(wanted.want("a", 5999), true);
});

Deno.test("of too many the oldest is forgotten", () => {
  const wanted = new WantedRumors();
  for (let i = 0; i <= 1000; i++) wanted.want(String(i), i);
  assert.equal(wanted.want("1", 1001), false);
  assert.equal(wanted.want("0", 1001), true);
});
