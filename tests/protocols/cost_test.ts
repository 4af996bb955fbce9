/**
 * What the protocol costs, in virtual time, so that the figures are the same on every machine: how
 * long losses hold deliveries up, and how many datagrams a message takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Frame, FrameKind, SegmentKind } from "../../src/protocols/frame.ts";
import type { Millis, Order, ProcessId } from "../../src/protocols/process.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { type Fate, faulty, runLoad, textPayload, VirtualGroup } from "./virtual_group.ts";

/** Every datagram takes ten milliseconds. */
const CLEAN: Fate = () => [10];

function readyGroup(size: number, fate: Fate, order: Order = "lamport"): VirtualGroup {
  const group = new VirtualGroup({ size, order, fate });
  assert.ok(group.runUntil(() => group.members.every((m) => m.process.ready), 1000));
  return group;
}

/** From each multicast to its delivery by each process. */
function latenciesMs(group: VirtualGroup): Millis[] {
  const multicastAt = new Map<string, Millis>();
  for (const { journal } of group.members) {
    for (let i = 0; i < journal.length; i++) {
      if (journal.kindAt(i) !== "multicast") continue;
      multicastAt.set(`${journal.senderAt(i)}:${journal.seqAt(i)}`, journal.atAt(i));
    }
  }
  return group.members.flatMap(({ journal }) => {
    const latencies: Millis[] = [];
    for (let i = 0; i < journal.length; i++) {
      if (journal.kindAt(i) !== "deliver") continue;
      const start = multicastAt.get(`${journal.senderAt(i)}:${journal.seqAt(i)}`)!;
      latencies.push(journal.atAt(i) - start);
    }
    return latencies;
  });
}

Deno.test("5 % loss on links of 10 ms hold deliveries up for a few round trips at most", () => {
  const latencies: Millis[] = [];
  let [messages, retransmitted] = [0, 0];
  for (let seed = 1; seed <= 40; seed++) {
    const group = new VirtualGroup({
      size: 3,
      fate: faulty(seed, { delayMs: [10, 10], loss: 0.05 }),
    });
    assert.ok(runLoad(group, { messages: 50, seed }), `seed ${seed} is stuck`);
    assert.deepEqual(group.violations, []);
    latencies.push(...latenciesMs(group));
    messages += 150;
    for (const { process } of group.members) retransmitted += process.retransmitted;
  }
  assert.equal(latencies.length, 3 * messages);
  // Without a loss it is 20 ms. A lost message costs its discovery and a round trip, and holds up
  // what comes behind it. With timeouts alone the mean is 64 and the longest 265.
  const mean = latencies.reduce((sum, ms) => sum + ms) / latencies.length;
  const longest = latencies.reduce((a, b) => Math.max(a, b));
  assert.ok(mean < 45, `${mean} ms on average`);
  assert.ok(longest < 220, `${longest} ms at most`);
  // Each message travels two links, so a tenth of all is lost somewhere.
  const again = retransmitted / messages;
  assert.ok(again > 0.05 && again < 0.2, `${again} segments are sent again for each message`);
});

Deno.test("a lone message takes one datagram to each, and an acknowledgement of each to all", () => {
  for (const size of [2, 3, 5, 8]) {
    const group = readyGroup(size, CLEAN);
    const before = group.datagrams;
    for (let seq = 1; seq <= 20; seq++) {
      group.members[0]!.process.multicast(textPayload(0, seq), group.now);
      assert.ok(group.runUntil(() => group.members.every((m) => m.delivered.length === seq), 1000));
    }
    group.runUntil(() => false, 10_000);
    assert.equal((group.datagrams - before) / 20, size * (size - 1), `in a group of ${size}`);
    assert.equal(group.members[0]!.process.retransmitted, 0);
  }
});

Deno.test("messages that come together share their datagrams and acknowledgements", () => {
  const group = readyGroup(3, CLEAN);
  const before = group.datagrams;
  for (const { process } of group.members) {
    for (let i = 0; i < 1000; i++) process.multicast(new Uint8Array(10), group.now);
  }
  assert.ok(group.runUntil(() => group.members.every((m) => m.delivered.length === 3000), 1000));
  const perMessage = (group.datagrams - before) / 3000;
  assert.ok(perMessage < 0.05, `${perMessage} datagrams a message`);
});

Deno.test("while one process is missing, the others leave each other in peace", () => {
  const group = new VirtualGroup({ size: 10, fate: CLEAN });
  group.members[9]!.paused = true;
  group.runUntil(() => false, 5000);
  const before = group.datagrams;
  group.runUntil(() => false, 10_000);
  // Each of the nine says hello to it every 250 ms, and to nobody else.
  assert.equal(group.datagrams - before, 9 * 10_000 / 250);
});

Deno.test("a round trip of five seconds is waited for, and nothing is sent twice", () => {
  const group = new VirtualGroup({ size: 2, fate: () => [2500] });
  assert.ok(runLoad(group, { messages: 5, intervalMs: [5000, 9000] }));
  assert.deepEqual(group.members.map((m) => m.process.retransmitted), [0, 0]);
});

/** A network without faults that counts the segments that speak of the order, each sender's apart. */
function countingOrderSegments(size: number): { fate: Fate; ofProcess: number[]; sizes: number[] } {
  const ofProcess: number[] = new Array(size).fill(0);
  const sizes: number[] = [];
  const fate: Fate = (from, to, _now, bytes) => {
    const frame = new Frame(size);
    const reading = new DatagramReader(77, to, size, SegmentKind.order).read(bytes, frame);
    assert.equal(reading, "frame");
    // Of the copies to all others, one counts.
    const isFirstCopy = to === (from === 0 ? 1 : 0);
    if (frame.kind !== FrameKind.data || !isFirstCopy) return [10];
    for (const [i, kind] of frame.kinds.entries()) {
      if (kind !== SegmentKind.order) continue;
      ofProcess[from]!++;
      sizes.push(frame.payloads[i]!.length);
    }
    return [10];
  };
  return { fate, ofProcess, sizes };
}

function multicastMany(group: VirtualGroup, p: ProcessId, count: number): void {
  for (let i = 0; i < count; i++) {
    group.members[p]!.process.multicast(new Uint8Array(10), group.now);
  }
}

function everybodyHas(group: VirtualGroup, count: number): boolean {
  return group.runUntil(() => group.members.every((m) => m.delivered.length === count), 10_000);
}

Deno.test("causal: a burst without deliveries in between takes one clock, and one only", () => {
  const { fate, ofProcess, sizes } = countingOrderSegments(4);
  const group = readyGroup(4, fate, "causal");
  multicastMany(group, 0, 500);
  assert.ok(everybodyHas(group, 500));
  assert.deepEqual(
    ofProcess,
    [0, 0, 0, 0],
    "who has delivered nothing of others has no clock to send",
  );
  multicastMany(group, 1, 500);
  assert.ok(everybodyHas(group, 1000));
  assert.deepEqual(ofProcess, [0, 1, 0, 0]);
  multicastMany(group, 1, 500);
  assert.ok(everybodyHas(group, 1500));
  assert.deepEqual(ofProcess, [0, 1, 0, 0], "nothing has grown since");
  multicastMany(group, 2, 1);
  assert.ok(everybodyHas(group, 1501));
  assert.deepEqual(ofProcess, [0, 1, 1, 0]);
  assert.deepEqual(sizes, [8, 16], "one entry, and then two: the entries that have grown");
});

Deno.test("sequencer: it speaks once for all that a turn brings, and not for its own messages", () => {
  const { fate, ofProcess } = countingOrderSegments(4);
  const group = readyGroup(4, fate, "sequencer");
  multicastMany(group, 0, 500);
  assert.ok(everybodyHas(group, 500));
  assert.deepEqual(ofProcess, [0, 0, 0, 0]);
  for (const p of [1, 2, 3]) multicastMany(group, p, 300);
  assert.ok(everybodyHas(group, 1400));
  const [words, ...others] = ofProcess;
  assert.deepEqual(others, [0, 0, 0]);
  assert.ok(words! > 0 && words! < 30, `${words} words for 900 messages`);
});

Deno.test("fifo and causal deliver after one one-way delay, sequencer after two at most", () => {
  for (const [order, expected] of [["fifo", 10], ["causal", 10], ["sequencer", 20]] as const) {
    const group = readyGroup(4, CLEAN, order);
    for (let i = 0; i < 20; i++) {
      multicastMany(group, 1 + i % 3, 1);
      assert.ok(everybodyHas(group, i + 1));
    }
    const latencies = latenciesMs(group);
    assert.equal(latencies.length, 80);
    assert.equal(latencies.reduce((a, b) => Math.max(a, b)), expected, order);
  }
});

Deno.test("a lost datagram costs a stream a few round trips, however long acknowledgements may take", () => {
  for (const order of ["fifo", "causal", "sequencer"] as const) {
    const group = new VirtualGroup({
      size: 3,
      order,
      fate: faulty(1, { delayMs: [0.5, 0.5], loss: 0.01 }),
    });
    const load = { messages: 3000, senders: [1], intervalMs: [0, 0] as [number, number] };
    assert.ok(runLoad(group, { ...load, payload: () => new Uint8Array(1000) }));
    const { retransmitted } = group.members[1]!.process;
    assert.ok(retransmitted > 30, `only ${retransmitted} segments were lost`);
    // It takes 58 ms without a loss; with each of them 25 ms longer it would take 500.
    assert.ok(group.now < 200, `${order}: ${group.now} ms`);
  }
});

Deno.test("a message after a pause that is lost to somebody comes after a timeout, in any order", () => {
  for (const order of ["fifo", "causal", "sequencer"] as const) {
    const group = new VirtualGroup({
      size: 3,
      order,
      fate: faulty(2, { delayMs: [0.5, 0.5], loss: 0.02 }),
    });
    assert.ok(runLoad(group, { messages: 500, senders: [0], intervalMs: [30, 30] }));
    const latencies = latenciesMs(group).sort((a, b) => a - b);
    const p99 = latencies[Math.floor(latencies.length * 0.99)]!;
    assert.ok(p99 < 10, `${order}: ${p99} ms`);
    assert.ok(latencies.at(-1)! > 2, "nothing was lost");
  }
});
