import assert from "node:assert/strict";
import type { SimulationOptions } from "../../src/simulator/order_simulation.ts";
import { shrink, smallerRuns } from "../../src/simulator/shrink.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

type Fails = (run: SimulationOptions) => boolean;

async function smallestThat(fails: Fails, run: SimulationOptions, maxRuns = 5000) {
  let tried = 0;
  const smallest = await shrink(run, (candidate) => {
    tried++;
    return Promise.resolve(fails(candidate));
  }, { maxRuns });
  return { smallest, tried };
}

/** A run with everything that can be taken away. */
const LARGE = {
  ...drawSwarmRun(1, "lamport"),
  processes: 8,
  messages: 140,
  payloadBytes: 4000,
  faults: {
    ...drawSwarmRun(1, "lamport").faults,
    ...{ lossRate: 0.237, duplicateRate: 0.4, reorderRate: 0.111, clogs: 4, partitions: 3 },
    ...{ pauses: 3, crashes: 1, slow: 1, delayMinMs: 21.345, delayMeanMs: 87.654 },
  },
};

Deno.test("only what the failure needs is left", async () => {
  const { smallest } = await smallestThat(
    ({ processes, messages, faults }) => processes >= 3 && messages >= 7 && faults.partitions >= 2,
    LARGE,
  );
  assert.deepEqual([smallest.processes, smallest.messages], [3, 7]);
  const { faults } = smallest;
  assert.equal(faults.partitions, 2);
  const { lossRate, duplicateRate, reorderRate, clogs, pauses, crashes, slow } = faults;
  assert.deepEqual([lossRate, duplicateRate, reorderRate], [0, 0, 0]);
  assert.deepEqual([clogs, pauses, crashes, slow], [0, 0, 0, 0]);
  assert.deepEqual([faults.delayMinMs, faults.delayMeanMs], [1, 1]);
  assert.equal(smallest.payloadBytes, 0);
});

Deno.test("numbers become plain where they can't become 0", async () => {
  const { smallest } = await smallestThat(({ faults }) => faults.lossRate > 0.15, LARGE);
  assert.equal(smallest.faults.lossRate, 0.2);
});

Deno.test("a failure that needs luck is looked for under other seeds", async () => {
  const { smallest } = await smallestThat(
    ({ processes, seed }) => processes === 8 || seed % 5 === 3,
    { ...LARGE, seed: 2 ** 32 - 2 },
  );
  assert.equal(smallest.processes, 1);
  assert.equal(smallest.seed % 5, 3);
  assert.ok(smallest.seed < 2 ** 32, "seeds wrap around where the option ends");
});

Deno.test("where nothing smaller fails, the run stays as it is", async () => {
  const { smallest, tried } = await smallestThat((run) => run === LARGE, LARGE);
  assert.equal(smallest, LARGE);
  assert.equal(tried, 8 * [...smallerRuns(LARGE)].length);
});

Deno.test("the search ends at its limit, and when it is stopped", async () => {
  const { tried } = await smallestThat(() => true, LARGE, 13);
  assert.equal(tried, 13);
  let asked = 0;
  const stopped = await shrink(LARGE, () => {
    return Promise.resolve(++asked < 4 ? true : null);
  }, { maxRuns: 1000 });
  assert.equal(asked, 4);
  assert.ok(stopped.faults.partitions === 0 || stopped.faults.crashes === 0);
});

Deno.test("what always fails ends with next to nothing, from any run", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const { smallest, tried } = await smallestThat(() => true, drawSwarmRun(seed, "none"));
    assert.ok(tried < 200, `seed ${seed} took ${tried}`);
    assert.deepEqual([...smallerRuns(smallest)], [], "nothing is left to take away");
    assert.equal(smallest.processes, 1);
    assert.ok(smallest.messages <= 1);
  }
});
