/**
 * What campaigns of gossip networks have found: each of these failed before its fix. The options are
 * written out, so that a change in what a swarm draws doesn't take their meaning away.
 */

import assert from "node:assert/strict";
import { plainGossipRun, withBounds } from "../../src/cli/gossip_knobs.ts";
import { findGossipViolations } from "../../src/cli/gossip_plan.ts";
import { NO_GOSSIP_FAULTS } from "../../src/simulator/gossip_faults.ts";
import type { GossipSimulationOptions } from "../../src/simulator/gossip_options.ts";
import { simulateGossip } from "../../src/simulator/gossip_simulation.ts";

const FOUND: readonly {
  readonly story: string;
  readonly seeds: readonly number[];
  readonly options: Partial<GossipSimulationOptions>;
}[] = [
  {
    // It was to be told, though it was dropped as soon as it was there: for a minute nobody was silent.
    story: "a rumor is larger than all that may be kept",
    seeds: [1, 2, 3],
    options: { nodes: 4, k: 1, keepBytes: 5000, largeRate: 0.3, antiEntropyMs: 500 },
  },
  {
    // Nobody tried them again who had said goodbye, and they knew none but each other.
    story: "those leave and come back through whom the others have joined",
    seeds: [2, 23, 24],
    options: {
      nodes: 4,
      faults: { ...NO_GOSSIP_FAULTS, leaves: 12, downMaxMs: 3000 },
      ...{ antiEntropyMs: 1000, sayMeanMs: 5000, loadMs: 0 },
    },
  },
];

for (const { story, seeds, options } of FOUND) {
  Deno.test(`all is kept where ${story}`, () => {
    for (const seed of seeds) {
      const run = withBounds({ ...plainGossipRun(seed), ...options });
      assert.deepEqual(findGossipViolations(run, simulateGossip(run)), [], `seed ${seed}`);
    }
  });
}
