import assert from "node:assert/strict";
import type { Rumor } from "../../../src/protocols/gossip/messages.ts";
import { keyOf, RumorStore } from "../../../src/protocols/gossip/rumor_store.ts";

function rumor(seq: number, text = "word"): Rumor {
  return { origin: "ada", run: 1, seq, text, wantsReceipt: false, hops: 1 };
}

Deno.test("rumors are kept in the order in which they came", () => {
  const store = new RumorStore(10, 1_000_000);
  for (const seq of [3, 1, 2]) assert.deepEqual(store.add(rumor(seq)), []);
  assert.deepEqual([...store.all].map(({ seq }) => seq), [3, 1, 2]);
  assert.equal(store.get(keyOf(rumor(1)))?.text, "word");
  assert.equal(store.get(keyOf(rumor(9))), undefined);
});

Deno.test("beyond so many the oldest go", () => {
  const store = new RumorStore(3, 1_000_000);
  for (const seq of [1, 2, 3]) store.add(rumor(seq));
  assert.deepEqual(store.add(rumor(4)), [keyOf(rumor(1))]);
  assert.deepEqual([...store.all].map(({ seq }) => seq), [2, 3, 4]);
  assert.equal(store.size, 3);
});

Deno.test("beyond so many bytes the oldest go, and the memory of what went is free", () => {
  const store = new RumorStore(1000, 3000);
  for (const seq of [1, 2, 3, 4]) store.add(rumor(seq));
  const large = rumor(5, "x".repeat(1000));
  assert.deepEqual(store.add(large), [keyOf(rumor(1))]);
  for (let seq = 6; seq < 30; seq++) store.add(rumor(seq));
  assert.equal(store.get(keyOf(large)), undefined);
  assert.ok(store.size >= 10);
});

Deno.test("one that is larger than all that may be kept isn't", () => {
  const store = new RumorStore(10, 1000);
  assert.deepEqual(store.add(rumor(1, "x".repeat(1000))), [keyOf(rumor(1))]);
  assert.equal(store.size, 0);
});
