/**
 * What campaigns of token rings have found: each of these failed before its fix. The options are
 * written out, so that a change in what a swarm draws doesn't take their meaning away.
 */

import assert from "node:assert/strict";
import { plainRingRun } from "../../src/cli/ring_knobs.ts";
import { findRingViolations } from "../../src/cli/ring_plan.ts";
import { NO_RING_FAULTS } from "../../src/simulator/ring_faults.ts";
import type { RingSimulationOptions } from "../../src/simulator/ring_options.ts";
import { simulateRing } from "../../src/simulator/ring_simulation.ts";

const FOUND: readonly {
  readonly story: string;
  readonly seeds: readonly number[];
  readonly options: Partial<RingSimulationOptions>;
}[] = [
  {
    // Its time to go on was over, but it was needed: the node was called again and again, for nothing.
    story: "a node needs the token for longer than it rests, and can't get a lease",
    seeds: [1, 2, 3],
    options: {
      paceMs: 100,
      faults: { ...NO_RING_FAULTS, holderCuts: 3, holderPauses: 2, crashes: 3 },
    },
  },
  {
    // Each node passed it on before its sign was due, so those far away took it for lost.
    story: "a token goes round that rests at each node for less than a sixth of a lease",
    seeds: [3, 4, 5],
    options: { nodes: 9, paceMs: 153, pauseMaxMs: 5000, faultPeriodMs: 5000 },
  },
  {
    // Who refused the token was heard only while it was in use, and it was always in use.
    story: "the lock is always in use, and one node knows of a higher epoch than its holder",
    seeds: [361],
    options: {
      pauseMinMs: 0,
      pauseMaxMs: 1,
      longHoldRate: 1,
      longHoldMaxMs: 3500,
      faults: {
        ...NO_RING_FAULTS,
        ...{ holderCuts: 3, holderPauses: 1, partitionMaxMs: 5000, pauseMaxMs: 5000 },
      },
    },
  },
  {
    // All asked for votes when the lease was over, divided them, and did so again a lease later.
    story: "several wait for the lock of one that was cut off, and all have asked for votes",
    seeds: [4881],
    options: {
      leaseMs: 1113,
      paceMs: 198.197,
      pauseMinMs: 0,
      pauseMaxMs: 0.865,
      holdMaxMs: 15.009,
      longHoldRate: 0.861,
      longHoldMaxMs: 2226,
      giveUpRate: 0.2,
      patienceMaxMs: 215.113,
      faultPeriodMs: 11_130,
      recoveryMs: 11_130,
      loadMs: 2882.81,
      faults: {
        ...NO_RING_FAULTS,
        ...{ delayMinMs: 0.327, delayMeanMs: 0.327, driftRate: 0.01 },
        ...{ holderCuts: 4, holderPauses: 2, partitionMaxMs: 3339, pauseMaxMs: 3339 },
      },
    },
  },
  {
    // The last one told all machines of a view without members.
    story: "two nodes leave again and again, each of them as the last one, too",
    seeds: [4, 25, 27],
    options: {
      nodes: 2,
      paceMs: 100,
      pauseMinMs: 100,
      pauseMaxMs: 2000,
      longHoldRate: 0.3,
      faultPeriodMs: 20_000,
      faults: {
        ...NO_RING_FAULTS,
        ...{ leaves: 60, pauses: 20, pauseMaxMs: 300, downMaxMs: 300, reorderRate: 0.3 },
      },
    },
  },
];

for (const { story, seeds, options } of FOUND) {
  Deno.test(`all is kept where ${story}`, () => {
    for (const seed of seeds) {
      const result = simulateRing({ ...plainRingRun(seed), ...options });
      assert.deepEqual(findRingViolations(result), [], `seed ${seed}`);
    }
  });
}
