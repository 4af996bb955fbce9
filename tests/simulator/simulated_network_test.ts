import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import { type Faults, NO_FAULTS, noFaultCounts } from "../../src/simulator/faults.ts";
import { type SimulatedLinks, SimulatedNetwork } from "../../src/simulator/simulated_network.ts";

const LINK = { delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };

function makeNetwork(faults: Partial<Faults>, links: SimulatedLinks | null = null) {
  const counts = noFaultCounts();
  const random = new Random(1);
  const all = { ...NO_FAULTS, ...faults };
  return { network: new SimulatedNetwork({ size: 3, faults: all, links, random, counts }), counts };
}

/** When the copies of a datagram arrive. */
function arrivals(network: SimulatedNetwork, from: number, to: number, now: number): number[] {
  const times: number[] = [];
  network.transmit(from, to, now, (at) => times.push(at));
  return times;
}

Deno.test("a good network takes a millisecond, and draws nothing", () => {
  const { network, counts } = makeNetwork({});
  for (const now of [0, 7, 1000]) assert.deepEqual(arrivals(network, 0, 1, now), [now + 1000]);
  assert.deepEqual(counts, noFaultCounts());
});

Deno.test("nothing arrives at the time at which it is sent", () => {
  const { network } = makeNetwork({ delayMinMs: 0, delayMeanMs: 0 });
  assert.deepEqual(arrivals(network, 0, 1, 5), [6]);
});

Deno.test("delays have their minimum, their mean and a tail", () => {
  const { network } = makeNetwork({ delayMinMs: 10, delayMeanMs: 40 });
  const delays = Array.from({ length: 20_000 }, () => arrivals(network, 0, 1, 0)[0]! / 1000);
  const mean = delays.reduce((a, b) => a + b) / delays.length;
  assert.ok(Math.min(...delays) >= 10);
  assert.ok(Math.abs(mean - 40) < 1, `the mean is ${mean}`);
  // P(X > 10 + 30 ln 100) = 1 %.
  const late = delays.filter((delay) => delay > 148).length / delays.length;
  assert.ok(late > 0.007 && late < 0.013, `the tail has ${late}`);
});

Deno.test("loss and duplication have their rates, and are counted", () => {
  const { network, counts } = makeNetwork({ lossRate: 0.2, duplicateRate: 0.5 });
  const copies = [0, 0, 0];
  for (let i = 0; i < 10_000; i++) copies[arrivals(network, 0, 1, 0).length]!++;
  assert.equal(copies[0], counts.lost);
  assert.equal(copies[2], counts.duplicated);
  assert.ok(Math.abs(counts.lost - 2000) < 200, `${counts.lost}`);
  assert.ok(Math.abs(counts.duplicated - 4000) < 250, `${counts.duplicated}`);
});

Deno.test("what is cut is lost until it is joined as often, in that direction only", () => {
  const { network, counts } = makeNetwork({});
  network.cut(0, 1);
  network.cut(0, 1);
  network.join(0, 1);
  assert.deepEqual(arrivals(network, 0, 1, 0), []);
  assert.deepEqual(arrivals(network, 1, 0, 0), [1000]);
  network.join(0, 1);
  assert.deepEqual(arrivals(network, 0, 1, 0), [1000]);
  assert.equal(counts.cut, 1);
});

Deno.test("what is sent over a clogged link arrives after the end of it", () => {
  const { network, counts } = makeNetwork({});
  network.clog(0, 1, 50_000);
  network.clog(0, 1, 20_000);
  assert.deepEqual(arrivals(network, 0, 1, 30_000), [51_000]);
  assert.deepEqual(arrivals(network, 0, 2, 30_000), [31_000]);
  assert.deepEqual(arrivals(network, 0, 1, 60_000), [61_000]);
  assert.equal(counts.clogged, 1);
});

Deno.test("a healed network loses, doubles and holds back nothing any more", () => {
  const { network, counts } = makeNetwork({ lossRate: 1, duplicateRate: 1, reorderRate: 1 });
  assert.deepEqual(arrivals(network, 0, 1, 0), []);
  network.clog(0, 1, 1e9);
  network.heal();
  assert.deepEqual(arrivals(network, 0, 1, 0), [1000]);
  assert.deepEqual([counts.lost, counts.duplicated], [1, 0]);
});

Deno.test("what is held back takes up to 50 ms longer", () => {
  const { network } = makeNetwork({ reorderRate: 1 });
  const delays = Array.from({ length: 2000 }, () => arrivals(network, 0, 1, 0)[0]! / 1000);
  const [least, most] = [Math.min(...delays), Math.max(...delays)];
  assert.ok(least >= 1 && least < 2 && most > 50 && most <= 51, `${least} to ${most}`);
});

Deno.test("links of a topology have delays and faults of their own", () => {
  const { network, counts } = makeNetwork(
    { delayMinMs: 0, delayMeanMs: 0 },
    (from, to) => ({
      ...LINK,
      delayMs: 10 * from + to,
      jitterMs: to === 2 ? 1 : 0,
      lossRate: from === 2 ? 1 : 0,
    }),
  );
  assert.deepEqual(arrivals(network, 0, 1, 0), [1000]);
  assert.deepEqual(arrivals(network, 1, 0, 0), [10_000]);
  const jittered = Array.from({ length: 500 }, () => arrivals(network, 1, 2, 0)[0]!);
  assert.ok(jittered.every((at) => at >= 11_000 && at <= 13_000));
  assert.ok(new Set(jittered).size > 100);
  assert.deepEqual(arrivals(network, 2, 0, 0), []);
  assert.equal(counts.lost, 1);
});
