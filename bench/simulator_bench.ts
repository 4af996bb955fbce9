/**
 * How fast the simulator is, the checkers' work apart: events a second, and how much faster than
 * real time. Run with `deno bench bench/simulator_bench.ts`. Wanted: at least 300,000 events a
 * second, and six processes at 60 multicasts a second each at more than 200 times real time.
 *
 * The figures of each case are in its name, taken from its best of some runs.
 *
 * @module
 */

import { NO_FAULTS } from "../src/simulator/faults.ts";
import { simulateOrder, type SimulationOptions } from "../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../src/simulator/swarm.ts";

const MINUTE_MS = 60_000;

/** Six processes, a minute of 60 multicasts a second each. */
const SIX: SimulationOptions = {
  seed: 1,
  order: "lamport",
  processes: 6,
  messages: 3600,
  intervalMinMs: 1000 / 60,
  intervalMaxMs: 1000 / 60,
  payloadBytes: 100,
  maxDatagramBytes: 1400,
  faults: NO_FAULTS,
  links: null,
  faultPeriodMs: MINUTE_MS,
  livenessMs: MINUTE_MS,
};

const CASES: readonly { readonly name: string; readonly runs: readonly SimulationOptions[] }[] = [
  {
    name: "100 swarm runs",
    runs: Array.from({ length: 100 }, (_, seed) => drawSwarmRun(seed + 1, "lamport")),
  },
  { name: "6 processes, 60 multicasts a second each", runs: [SIX] },
];

for (const { name, runs } of CASES) {
  let [events, virtualMs, bestMs] = [0, 0, Infinity];
  for (let i = 0; i < 5; i++) {
    [events, virtualMs] = [0, 0];
    const startedAt = performance.now();
    for (const run of runs) {
      const result = simulateOrder(run);
      events += result.events;
      virtualMs += result.virtualMs;
    }
    bestMs = Math.min(bestMs, performance.now() - startedAt);
  }
  const rate = Math.round(events / bestMs * 1000).toLocaleString("en-US");
  Deno.bench({
    name: `${name}: ${rate} events/s, ${Math.round(virtualMs / bestMs)} times real time`,
    fn: () => {
      for (const run of runs) simulateOrder(run);
    },
    n: 5,
    warmup: 1,
  });
}
