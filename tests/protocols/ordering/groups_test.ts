/**
 * Whole groups in each of the reliable orders, in virtual time.
 */

import assert from "node:assert/strict";
import { judge, promised } from "../../../src/checkers/judge.ts";
import { type Order, ORDERS } from "../../../src/protocols/process.ts";
import { SEQUENCER } from "../../../src/protocols/ordering/sequencer.ts";
import { type Fate, faulty, type Load, runLoad, runOf, VirtualGroup } from "../virtual_group.ts";

const RELIABLE = ORDERS.filter((order) => order !== "none");

/** Every datagram takes a millisecond. */
const PERFECT: Fate = () => [1];

/** Runs a load to its end, and checks everything that the order promises. */
function runAndJudge(order: Order, size: number, fate: Fate, load: Load): VirtualGroup {
  const group = new VirtualGroup({ size, order, fate });
  assert.ok(
    runLoad(group, load),
    `${order} is stuck: ${group.members.map((m) => m.process.state)}`,
  );
  assert.deepEqual(group.violations, []);
  const { verdicts } = judge(runOf(group));
  for (const property of promised(order)) {
    const { outcome, witness } = verdicts[property];
    assert.equal(outcome, "holds", `${order}: ${property}: ${witness?.sentence}`);
  }
  for (const { malformed, process } of group.members) {
    assert.deepEqual([malformed, process.inconsistencies, process.waitingFor], [0, 0, []]);
  }
  return group;
}

function readyGroup(order: Order, size: number): VirtualGroup {
  const group = new VirtualGroup({ size, order, fate: PERFECT });
  assert.ok(group.runUntil(() => group.members.every((m) => m.process.ready), 1000));
  return group;
}

/** What each has delivered: `0:1` is message 1 of process 0. */
function logs(group: VirtualGroup): string[][] {
  return group.members.map(({ delivered }) =>
    delivered.map((entry) => entry.split(":", 2).join(":"))
  );
}

for (const order of RELIABLE) {
  Deno.test(`${order}: groups of one and two, one sender, and no message come to their end`, () => {
    for (const size of [1, 2, 3]) {
      for (const senders of [[], [0], [size - 1]]) {
        for (const fate of [PERFECT, faulty(size, { delayMs: [1, 20], loss: 0.2 })]) {
          const group = runAndJudge(order, size, fate, { messages: 7, senders });
          for (const log of logs(group)) assert.equal(log.length, 7 * senders.length);
        }
      }
    }
  });

  Deno.test(`${order}: messages of many fragments arrive whole, on a network that loses a tenth`, () => {
    const fate = faulty(3, { delayMs: [1, 30], loss: 0.1, duplicate: 0.1 });
    const payload = (sender: number, seq: number) => {
      const length = [0, 1, 1400, 10_000, 50_000][(sender + seq) % 5]!;
      return Uint8Array.from({ length }, (_, i) => i * 31 + sender + seq);
    };
    runAndJudge(order, 4, fate, { messages: 10, payload });
  });

  Deno.test(`${order}: a burst far beyond the window is delivered, by everybody`, () => {
    const group = runAndJudge(order, 3, PERFECT, { messages: 3000, intervalMs: [0, 0] });
    for (const log of logs(group)) assert.equal(log.length, 9000);
  });

  Deno.test(`${order}: a process that is paused for a while misses nothing`, () => {
    const group = readyGroup(order, 3);
    const [first, second, last] = group.members;
    last!.paused = true;
    for (const { process } of [first!, second!]) process.multicast(new Uint8Array(5), group.now);
    group.runUntil(() => false, 5000);
    // Only Lamport's order waits for everybody.
    const count = order === "lamport" ? 0 : 2;
    assert.deepEqual(logs(group).map(({ length }) => length), [count, count, 0]);
    assert.deepEqual(first!.process.waitingFor, order === "lamport" ? [2] : []);
    last!.paused = false;
    assert.ok(group.runUntil(() => logs(group).every(({ length }) => length === 2), 5000));
  });
}

Deno.test("sequencer: while it is paused, nobody delivers anything, and all say for whom they wait", () => {
  const group = readyGroup("sequencer", 3);
  group.members[SEQUENCER]!.paused = true;
  for (const p of [1, 2]) group.members[p]!.process.multicast(new Uint8Array(5), group.now);
  group.runUntil(() => false, 5000);
  assert.deepEqual(logs(group), [[], [], []]);
  for (const p of [1, 2]) assert.deepEqual(group.members[p]!.process.waitingFor, [SEQUENCER]);
  group.members[SEQUENCER]!.paused = false;
  assert.ok(group.runUntil(() => logs(group).every(({ length }) => length === 2), 5000));
  const [log, ...others] = logs(group);
  for (const other of others) assert.deepEqual(other, log);
});

Deno.test("sequencer: it hears its own stop marker and goes on to say the places of others", () => {
  const group = readyGroup("sequencer", 2);
  const [sequencer, other] = group.members;
  sequencer!.process.stop(group.now);
  group.runUntil(() => false, 1000);
  for (let i = 0; i < 5; i++) other!.process.multicast(new Uint8Array(5), group.now);
  other!.process.stop(group.now);
  assert.ok(group.runUntil(() => group.members.every((m) => m.process.complete), 1000));
  assert.deepEqual(logs(group).map(({ length }) => length), [5, 5]);
});

Deno.test("causal: whoever lacks a cause says who must send it, and others' messages go on", () => {
  // What 0 sends to 2 takes long.
  const fate: Fate = (from, to) => [from === 0 && to === 2 ? 2000 : 1];
  const group = new VirtualGroup({ size: 4, order: "causal", fate });
  assert.ok(group.runUntil(() => group.members.every((m) => m.process.ready), 10_000));
  const [, p1, p2, p3] = group.members;
  group.members[0]!.process.multicast(new Uint8Array(1), group.now);
  assert.ok(group.runUntil(() => p1!.delivered.length === 1, 100));
  p1!.process.multicast(new Uint8Array(1), group.now);
  group.runUntil(() => false, 100);
  assert.deepEqual(logs(group), [["0:1", "1:1"], ["0:1", "1:1"], [], ["0:1", "1:1"]]);
  assert.deepEqual(p2!.process.waitingFor, [0]);
  p2!.process.multicast(new Uint8Array(1), group.now);
  assert.ok(group.runUntil(() => p3!.delivered.length === 3, 100), "2's own waits for nobody");
  assert.ok(group.runUntil(() => p2!.delivered.length === 3, 5000));
  assert.deepEqual(logs(group)[2], ["2:1", "0:1", "1:1"]);
});
