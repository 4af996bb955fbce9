import assert from "node:assert/strict";
import { RumorTracker } from "../../../src/protocols/gossip/gossip_measures.ts";
import type { Receipt } from "../../../src/protocols/gossip/messages.ts";

function receipt(seq: number, hops: number, isByRumor = true): Receipt {
  return { type: "receipt", rumor: { origin: "ada", run: 1, seq }, hops, isByRumor };
}

Deno.test("the last receipt says how long a rumor took, and what it has missed", () => {
  const tracker = new RumorTracker();
  tracker.said(1, ["bob", "cem", "dan"], 100);
  assert.deepEqual(tracker.measures, [
    { others: 3, reached: 0, missed: 3, lastMs: null, lastHops: 0 },
  ]);
  tracker.received("cem", receipt(1, 2), 110);
  tracker.received("bob", receipt(1, 1), 125);
  tracker.received("bob", receipt(1, 7), 900); // A second one from him says nothing new.
  assert.deepEqual(tracker.measures, [
    { others: 3, reached: 2, missed: 1, lastMs: 25, lastHops: 2 },
  ]);
  tracker.received("dan", receipt(1, 3, false), 5100);
  assert.deepEqual(tracker.measures, [
    { others: 3, reached: 3, missed: 1, lastMs: 5000, lastHops: 3 },
  ]);
});

Deno.test("who came after a rumor was said doesn't count, and what isn't followed neither", () => {
  const tracker = new RumorTracker();
  tracker.said(1, ["bob"], 0);
  tracker.received("eve", receipt(1, 1), 5);
  tracker.received("bob", receipt(2, 1), 5);
  assert.deepEqual(tracker.measures, [
    { others: 1, reached: 0, missed: 1, lastMs: null, lastHops: 0 },
  ]);
});

Deno.test("the latest hundred are followed", () => {
  const tracker = new RumorTracker();
  for (let seq = 1; seq <= 150; seq++) tracker.said(seq, seq === 51 ? ["bob"] : [], seq);
  assert.equal(tracker.measures.length, 100);
  assert.equal(tracker.measures[0]!.others, 1);
});
