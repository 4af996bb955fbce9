import assert from "node:assert/strict";
import type { MemberRecord } from "../../../src/protocols/gossip/messages.ts";
import { OwnRecord } from "../../../src/protocols/gossip/own_record.ts";

const SELF = { name: "ada", address: "a:1", incarnation: 10 };
const ALIVE: MemberRecord = { ...SELF, state: "alive" };

/** The verdict, and the incarnation after it. */
function judge(said: Partial<MemberRecord>): string {
  const own = new OwnRecord(SELF);
  const verdict = own.judge({ ...ALIVE, ...said });
  assert.deepEqual(own.record, { ...ALIVE, incarnation: own.record.incarnation });
  return `${verdict} ${own.record.incarnation}`;
}

Deno.test("what is true or out of date needs no answer", () => {
  assert.equal(judge({}), "agreed 10");
  assert.equal(judge({ incarnation: 9, state: "dead" }), "agreed 10");
  assert.equal(judge({ incarnation: 9, state: "left", address: "b:1" }), "agreed 10");
});

Deno.test("a node that hears that it is suspect, dead or gone takes a higher incarnation", () => {
  assert.equal(judge({ state: "suspect" }), "renewed 11");
  assert.equal(judge({ state: "dead", incarnation: 15 }), "renewed 16");
  assert.equal(judge({ state: "left" }), "renewed 11");
});

Deno.test("a process whose clock is behind that of the one before it goes beyond that", () => {
  assert.equal(judge({ incarnation: 500 }), "renewed 501");
  assert.equal(judge({ incarnation: 500, state: "left", address: "b:1" }), "renewed 501");
});

Deno.test("of two processes with one name, the one that was started later stays", () => {
  assert.equal(judge({ address: "b:1", incarnation: 11 }), "displaced 10");
  assert.equal(judge({ address: "b:1", incarnation: 11, state: "suspect" }), "displaced 10");
  assert.equal(judge({ address: "b:1", incarnation: 9 }), "rivalled 10");
});

Deno.test("of two with one incarnation, one stays", () => {
  assert.equal(judge({ address: "b:1" }), "displaced 10");
  assert.equal(judge({ address: "b:1", state: "suspect" }), "displaced 10");
  assert.equal(judge({ address: "Z:1" }), "rivalled 10");
  assert.equal(judge({ address: "Z:1", state: "suspect" }), "rivalled 10");
});

Deno.test("who has left isn't brought back by what was said before", () => {
  const own = new OwnRecord(SELF);
  own.leave();
  assert.equal(own.judge({ ...ALIVE, state: "dead" }), "agreed");
  assert.equal(own.judge({ ...ALIVE, state: "suspect", incarnation: 12 }), "renewed");
  assert.deepEqual(own.record, { ...SELF, incarnation: 13, state: "left" });
});

Deno.test("incarnations stay exact numbers", () => {
  assert.equal(judge({ incarnation: Number.MAX_SAFE_INTEGER }), "agreed 10");
});
