/**
 * What campaigns have found: each run failed before its fix. The options are written out, so that a
 * change in what a swarm draws doesn't take their meaning away.
 *
 * @module
 */

import assert from "node:assert/strict";
import { findViolations } from "../../src/cli/judge_simulation.ts";
import { ORDERS } from "../../src/protocols/process.ts";
import { NO_FAULTS } from "../../src/simulator/faults.ts";
import { simulateOrder, type SimulationOptions } from "../../src/simulator/order_simulation.ts";

const CALM: SimulationOptions = {
  seed: 1,
  order: "lamport",
  processes: 3,
  messages: 10,
  intervalMinMs: 0,
  intervalMaxMs: 10,
  payloadBytes: 20,
  maxDatagramBytes: 1400,
  faults: NO_FAULTS,
  links: null,
  faultPeriodMs: 1000,
  livenessMs: 60_000,
};

const FOUND: readonly { readonly story: string; readonly options: Partial<SimulationOptions> }[] = [
  {
    // Swarm seed 1190: what waited for the window counted as known to all, and was thrown away.
    story: "a group of one may multicast more than its window at once",
    options: { processes: 1, messages: 39, payloadBytes: 4165, intervalMaxMs: 0 },
  },
];

for (const { story, options } of FOUND) {
  for (const order of ORDERS) {
    Deno.test(`${order}: ${story}`, () => {
      const result = simulateOrder({ ...CALM, ...options, order });
      assert.deepEqual(findViolations(order, result), []);
      assert.deepEqual(result.unfinished, []);
    });
  }
}
