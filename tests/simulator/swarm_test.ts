import assert from "node:assert/strict";
import { ORDERS } from "../../src/protocols/process.ts";
import type { Faults } from "../../src/simulator/faults.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

const RUNS = Array.from({ length: 2000 }, (_, seed) => drawSwarmRun(seed, "lamport"));

Deno.test("each kind of fault is on in some runs and off in others", () => {
  const kinds: Readonly<Record<string, (faults: Faults) => boolean>> = {
    delay: ({ delayMinMs }) => delayMinMs !== 1,
    tail: ({ delayMinMs, delayMeanMs }) => delayMeanMs > delayMinMs,
    loss: ({ lossRate }) => lossRate > 0,
    duplication: ({ duplicateRate }) => duplicateRate > 0,
    reordering: ({ reorderRate }) => reorderRate > 0,
    clogs: ({ clogs }) => clogs > 0,
    partitions: ({ partitions }) => partitions > 0,
    pauses: ({ pauses }) => pauses > 0,
    crashes: ({ crashes }) => crashes > 0,
    slow: ({ slow }) => slow > 0,
  };
  for (const [kind, isOn] of Object.entries(kinds)) {
    const share = RUNS.filter(({ faults }) => isOn(faults)).length / RUNS.length;
    assert.ok(share > 0.05 && share < 0.9, `${kind}: ${share}`);
  }
});

Deno.test("faults stay in their ranges, and come near their ends", () => {
  const range = (of: (faults: Faults) => number) => {
    const values = RUNS.map(({ faults }) => of(faults));
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const reaches = ([least, most]: readonly [number, number], from: number, to: number) => {
    const near = (to - from) * 0.05;
    assert.ok(least >= from && least <= from + near, `${least} is not just above ${from}`);
    assert.ok(most <= to && most >= to - near, `${most} is not just below ${to}`);
  };
  reaches(range(({ delayMinMs }) => delayMinMs), 0, 30);
  reaches(range(({ lossRate }) => lossRate), 0, 0.3);
  reaches(range(({ duplicateRate }) => duplicateRate), 0, 0.5);
  assert.ok(RUNS.every(({ faults }) => faults.delayMeanMs >= faults.delayMinMs));
  reaches([0, Math.max(...RUNS.map(({ faults }) => faults.delayMeanMs))], 0, 100);
});

Deno.test("groups and loads of all sizes are drawn", () => {
  const sizes = new Set(RUNS.map(({ processes }) => processes));
  assert.deepEqual([...sizes].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(RUNS.some(({ messages }) => messages === 0));
  assert.ok(RUNS.some(({ messages, intervalMaxMs }) => messages > 100 && intervalMaxMs === 0));
  assert.ok(RUNS.some(({ payloadBytes }) => payloadBytes === 0));
  assert.ok(RUNS.some(({ payloadBytes, maxDatagramBytes }) => payloadBytes > maxDatagramBytes * 3));
});

Deno.test("a seed draws the same for every order, and the same each time", () => {
  for (const { seed, ...run } of RUNS.slice(0, 50)) {
    for (const order of ORDERS) {
      assert.deepEqual(drawSwarmRun(seed, order), { seed, ...run, order });
    }
  }
});
