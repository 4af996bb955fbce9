/**
 * What CI runs of the campaigns: some hundred fixed seeds, and some fresh ones, which are printed
 * where they fail. `deno task sim` runs thousands.
 *
 * @module
 */

import assert from "node:assert/strict";
import { judge } from "../../src/checkers/judge.ts";
import { PROPERTIES } from "../../src/checkers/verdict.ts";
import { findViolations } from "../../src/cli/judge_simulation.ts";
import { type Order, ORDERS } from "../../src/protocols/process.ts";
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

for (const order of ORDERS.filter((order) => order !== "none")) {
  Deno.test(`three hundred groups keep what ${order} promises whatever goes wrong`, () => {
    const faults = swarm(order, 1, 300);
    for (const [kind, count] of Object.entries(faults)) {
      assert.ok(count >= 10, `${kind} happened ${count} times`);
    }
  });
}

Deno.test("a weaker order breaks in some runs what the stronger ones promise", () => {
  const broken = (order: Order) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const { run } = simulateOrder(drawSwarmRun(seed, order));
      const { verdicts } = judge(run);
      for (const property of PROPERTIES) {
        if (verdicts[property].outcome === "violated") found.add(property);
      }
    }
    return [...found].sort();
  };
  assert.deepEqual(broken("fifo"), ["causal", "prefix", "total"]);
  assert.deepEqual(broken("causal"), ["prefix", "total"]);
  assert.deepEqual(broken("lamport"), []);
  assert.deepEqual(broken("sequencer"), []);
});

Deno.test("a hundred groups without order keep the little that they promise", () => {
  swarm("none", 1, 100);
});

Deno.test("fresh seeds fail no more than fixed ones", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  // deno-lint-ignore no-console
  console.log(`fresh seeds from ${seed}`);
  for (const order of ORDERS) swarm(order, seed, order === "none" ? 20 : 50);
});
