/**
 * What CI runs of the campaigns: some hundred fixed seeds, and some fresh ones, which are printed
 * where they fail. `deno task sim` runs thousands.
 *
 * @module
 */

import assert from "node:assert/strict";
import { findViolations } from "../../src/cli/judge_simulation.ts";
import type { Order } from "../../src/protocols/process.ts";
import { addFaultCounts, noFaultCounts } from "../../src/simulator/faults.ts";
import { simulateOrder } from "../../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

/** Runs a swarm; a run that fails comes with the command that repeats it. */
function swarm(order: Order, firstSeed: number, runs: number) {
  const faults = noFaultCounts();
  for (let i = 0; i < runs; i++) {
    const seed = (firstSeed + i) % 2 ** 32;
    const result = simulateOrder(drawSwarmRun(seed, order));
    addFaultCounts(faults, result.faults);
    const replay = `mpcomm simulate order --seed ${seed} --order ${order} --swarm`;
    assert.deepEqual(findViolations(order, result), [], replay);
  }
  return faults;
}

Deno.test("three hundred groups deliver in Lamport order whatever goes wrong", () => {
  const faults = swarm("lamport", 1, 300);
  for (const [kind, count] of Object.entries(faults)) {
    assert.ok(count >= 10, `${kind} happened ${count} times`);
  }
});

Deno.test("a hundred groups without order keep the little that they promise", () => {
  swarm("none", 1, 100);
});

Deno.test("fresh seeds fail no more than fixed ones", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  // deno-lint-ignore no-console
  console.log(`fresh seeds from ${seed}`);
  swarm("lamport", seed, 50);
  swarm("none", seed, 20);
});
