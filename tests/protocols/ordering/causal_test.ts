/**
 * One test for each claim of the papers that causal order rests on.
 *
 * - BSS: Kenneth Birman, André Schiper, Pat Stephenson: Lightweight Causal and Atomic Group Multicast.
 *   ACM Transactions on Computer Systems 9(3), August 1991, section 5.
 * - SK: Mukesh Singhal, Ajay Kshemkalyani: An Efficient Implementation of Vector Clocks. Information
 *   Processing Letters 43(1), August 1992.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { judge } from "../../../src/checkers/judge.ts";
import { MAX_POSITIONS } from "../../../src/protocols/frame.ts";
import type { ProcessId } from "../../../src/protocols/process.ts";
import { faulty, runLoad, runOf, VirtualGroup } from "../virtual_group.ts";
import { LoneProcess, type Position, type Said } from "./lone_process.ts";

// --- BSS, section 5: the protocol

Deno.test("BSS 5, rule 1: a message carries how much its sender has delivered of the others", () => {
  const process = new LoneProcess("causal", 1, 3);
  process.receive(0, "a", "b");
  process.receive(2, "c");
  process.multicast("d");
  assert.deepEqual(process.said, [[[0, 2], [2, 1]], "d"]);
});

Deno.test("BSS 5, rule 2: a message waits for what its sender had delivered before it", () => {
  const process = new LoneProcess("causal", 2, 3);
  process.receive(1, [[0, 1]], "answer");
  assert.deepEqual(process.delivered, []);
  assert.deepEqual(process.awaited, [0]);
  process.receive(0, "question");
  assert.deepEqual(process.delivered, ["0:question", "1:answer"]);
  assert.deepEqual(process.awaited, []);
});

Deno.test("BSS 5, rule 2: it waits for every entry of the vector, not for some", () => {
  const process = new LoneProcess("causal", 3, 4);
  process.receive(0, [[1, 1], [2, 2]], "d");
  assert.deepEqual(process.awaited, [1, 2]);
  process.receive(1, "a");
  process.receive(2, "b");
  assert.deepEqual(process.awaited, [2]);
  process.receive(2, "c");
  assert.deepEqual(process.delivered, ["1:a", "2:b", "2:c", "0:d"]);
});

Deno.test("BSS 5, rule 2: a process need not delay messages received from itself", () => {
  const process = new LoneProcess("causal", 0, 3);
  process.receive(1, [[2, 1]], "b");
  process.multicast("a");
  assert.deepEqual(process.delivered, ["0:a"], "though something is held back");
  assert.deepEqual(process.said, ["a"], "and what is held back has not been delivered");
});

Deno.test("BSS 5, rule 2: what depends on one's own message alone is delivered when it comes", () => {
  const process = new LoneProcess("causal", 0, 2);
  process.multicast("question");
  process.receive(1, [[0, 1]], "answer");
  assert.deepEqual(process.delivered, ["0:question", "1:answer"]);
});

Deno.test("BSS 5, rule 3: a delivery counts, and lets go what waited for it, however long the chain", () => {
  const process = new LoneProcess("causal", 0, 5);
  process.receive(1, [[2, 2]], "d");
  process.receive(2, [[3, 2]], "c");
  process.receive(3, [[4, 1]], "b");
  assert.deepEqual(process.delivered, []);
  assert.deepEqual(process.awaited, [4], "who is held back is not waited for");
  process.receive(4, "a");
  assert.deepEqual(process.delivered, ["4:a", "3:b", "2:c", "1:d"]);
});

Deno.test("BSS 5: concurrent messages are delivered as they come, which may differ", () => {
  const logs = [["a", "b"], ["b", "a"]].map((texts) => {
    const process = new LoneProcess("causal", 2, 3);
    for (const text of texts) process.receive(text === "a" ? 0 : 1, text);
    return process.delivered;
  });
  assert.deepEqual(logs, [["0:a", "1:b"], ["1:b", "0:a"]]);
});

Deno.test("BSS 5, safety: whatever arrives when, no effect comes before its cause", () => {
  let concurrent = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const fate = faulty(seed, { delayMs: [1, 60], loss: 0.1, duplicate: 0.1 });
    const group = new VirtualGroup({ size: 3 + seed % 4, order: "causal", fate });
    assert.ok(runLoad(group, { messages: 12, seed, intervalMs: [0, 30] }), `seed ${seed} is stuck`);
    const { verdicts } = judge(runOf(group));
    assert.equal(verdicts.causal.outcome, "holds", verdicts.causal.witness?.sentence);
    if (verdicts.total.outcome === "violated") concurrent++;
  }
  assert.ok(concurrent > 30, "and the order is not total");
});

Deno.test("BSS 5, liveness: what was multicast is delivered in the end, in whatever order it comes", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(3), fc.array(fc.nat(3), { maxLength: 3 })), { maxLength: 30 }),
    fc.infiniteStream(fc.nat()),
    (multicasts, choices) => {
      const streams = recordStreams(multicasts);
      const late = new LoneProcess("causal", 4, 5);
      const next = streams.map(() => 0);
      for (;;) {
        const waiting = streams.flatMap((stream, p) => next[p]! < stream.length ? [p] : []);
        if (waiting.length === 0) break;
        const p = waiting[choices.next().value! % waiting.length]!;
        late.receive(p, streams[p]![next[p]!++]!);
      }
      assert.equal(late.delivered.length, multicasts.length);
      assert.deepEqual(late.awaited, []);
      // A text is `n<m,k`: message n, multicast when m and k had been delivered.
      const before = new Set<string>();
      for (const entry of late.delivered) {
        const [name, causes] = entry.split(":")[1]!.split("<");
        for (const cause of causes!.split(",")) {
          assert.ok(cause === "" || before.has(cause), `${entry} comes after ${cause}`);
        }
        before.add(name!);
      }
    },
  ));
});

/** What processes 0 to 3 say when they multicast one after the other, each after it has received what
 * has not reached it yet of some others. */
function recordStreams(
  multicasts: readonly (readonly [ProcessId, readonly ProcessId[]])[],
): Said[][] {
  const group = [0, 1, 2, 3].map((p) => new LoneProcess("causal", p, 5));
  const come = group.map(() => group.map(() => 0));
  for (const [i, [p, heard]] of multicasts.entries()) {
    const process = group[p]!;
    for (const q of heard) {
      if (q === p) continue;
      const stream = group[q]!.said;
      process.receive(q, ...stream.slice(come[p]![q]!));
      come[p]![q] = stream.length;
    }
    const causes = process.delivered.map((entry) => entry.split(":")[1]!.split("<")[0]);
    process.multicast(`m${i}<${causes.join(",")}`);
  }
  return group.map(({ said }) => said);
}

// --- SK: only what has grown travels

Deno.test("SK: nothing is said of a clock that has not grown", () => {
  const process = new LoneProcess("causal", 0, 3);
  process.multicast("a", "b");
  assert.deepEqual(process.said, ["a", "b"]);
});

Deno.test("SK: the entries alone travel that have grown since the last message", () => {
  const process = new LoneProcess("causal", 0, 4);
  process.receive(1, "a");
  process.receive(2, "b");
  process.multicast("c");
  process.receive(2, "d", "e");
  process.multicast("f");
  assert.deepEqual(process.said, [[[1, 1], [2, 1]], "c", [[2, 3]], "f"]);
});

Deno.test("SK: what a process has said of itself counts for everybody, and is never said", () => {
  const process = new LoneProcess("causal", 0, 2);
  process.multicast("a");
  process.receive(1, [[0, 1]], "b");
  process.multicast("c");
  assert.deepEqual(process.said, ["a", [[1, 2]], "c"], "the position counts 1's clock, too");
});

Deno.test("SK: on FIFO links a clock counts for all that comes behind it", () => {
  const process = new LoneProcess("causal", 2, 3);
  process.receive(1, [[0, 1]], "b", "c");
  process.receive(1, "d");
  assert.deepEqual(process.delivered, []);
  process.receive(0, "a");
  assert.deepEqual(process.delivered, ["0:a", "1:b", "1:c", "1:d"]);
});

Deno.test("SK: a clock of more entries than a segment holds takes several, and all are waited for", () => {
  const size = 2 * MAX_POSITIONS + 3;
  const sender = new LoneProcess("causal", 0, size);
  for (let p = 1; p < size - 1; p++) sender.receive(p, `${p}`);
  sender.multicast("last");
  const clocks = sender.said.slice(0, -1) as Position[][];
  assert.deepEqual(clocks.map(({ length }) => length), [MAX_POSITIONS, MAX_POSITIONS, 1]);

  const receiver = new LoneProcess("causal", size - 1, size);
  receiver.receive(0, ...sender.said);
  for (let p = size - 2; p > 0; p--) {
    assert.equal(receiver.delivered.some((entry) => entry === "0:last"), false, `${p} is missing`);
    receiver.receive(p, `${p}`);
  }
  assert.equal(receiver.delivered.at(-1), "0:last");
});

// --- limits

Deno.test("a process of which too much is held back has no more room, and gets it again", () => {
  const process = new LoneProcess("causal", 2, 3, 4);
  process.receive(1, [[0, 1]], "a", "b", "c");
  assert.equal(process.ordering.hasRoom(1), false);
  assert.equal(process.ordering.hasRoom(0), true, "what it waits for has room");
  process.receive(0, "cause");
  assert.equal(process.ordering.hasRoom(1), true);
  process.receive(1, "d");
  assert.deepEqual(process.delivered, ["0:cause", "1:a", "1:b", "1:c", "1:d"]);
});

Deno.test("alone, a process delivers what it multicasts, and no clock is ever sent", () => {
  const process = new LoneProcess("causal", 0, 1);
  process.multicast("a", "b");
  assert.deepEqual(process.delivered, ["0:a", "0:b"]);
  assert.deepEqual(process.said, ["a", "b"]);
});
