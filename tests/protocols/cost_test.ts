/**
 * What the protocol costs, in virtual time, so that the figures are the same on every machine: how
 * long losses hold deliveries up, and how many datagrams a message takes.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Millis } from "../../src/protocols/process.ts";
import { type Fate, faulty, runLoad, textPayload, VirtualGroup } from "./virtual_group.ts";

/** Every datagram takes ten milliseconds. */
const CLEAN: Fate = () => [10];

function readyGroup(size: number, fate: Fate): VirtualGroup {
  const group = new VirtualGroup({ size, fate });
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
