/**
 * The simulator of persistent multicast: what CI runs of its campaigns, that a seed repeats its run,
 * and that each deliberate mistake is caught.
 */

import assert from "node:assert/strict";
import { plainPersistentRun } from "../../src/cli/persistent_knobs.ts";
import { findPersistentViolations } from "../../src/cli/persistent_plan.ts";
import { PERSISTENT_BUGS, type PersistentBug } from "../../src/simulator/persistent_bugs.ts";
import { addFaultCounts } from "../../src/simulator/faults.ts";
import {
  NO_PERSISTENT_FAULTS,
  noPersistentFaultCounts,
} from "../../src/simulator/persistent_faults.ts";
import type { PersistentSimulationOptions } from "../../src/simulator/persistent_options.ts";
import { simulatePersistent } from "../../src/simulator/persistent_simulation.ts";
import { drawPersistentRun } from "../../src/simulator/persistent_swarm.ts";

function replay(seed: number): string {
  return `mpcomm simulate persistent --seed ${seed} --swarm`;
}

Deno.test("a thousand groups keep what is promised whatever goes wrong", () => {
  const faults = noPersistentFaultCounts();
  let [stored, logged] = [0, 0];
  for (let seed = 1; seed <= 1000; seed++) {
    const result = simulatePersistent(drawPersistentRun(seed));
    assert.deepEqual(findPersistentViolations(result), [], replay(seed));
    addFaultCounts(faults, result.faults);
    stored += result.stored;
    logged += result.logged;
  }
  for (const [kind, count] of Object.entries(faults)) {
    assert.ok(count >= 100, `${kind} happened ${count} times`);
  }
  assert.ok(stored >= 10_000 && logged >= 2 * stored, `${stored} stored, ${logged} logged`);
});

Deno.test("so do some fresh groups, which are printed where they don't", () => {
  const first = crypto.getRandomValues(new Uint32Array(1))[0]!;
  for (let i = 0; i < 100; i++) {
    const seed = (first + i) % 2 ** 32;
    const result = simulatePersistent(drawPersistentRun(seed));
    assert.deepEqual(findPersistentViolations(result), [], replay(seed));
  }
});

Deno.test("a seed repeats its run to the last event, and another one doesn't", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [one, other] = [seed, seed].map((seed) => simulatePersistent(drawPersistentRun(seed)));
    assert.equal(one!.traceHash, other!.traceHash);
    assert.deepEqual(one!.history, other!.history);
    assert.notEqual(one!.traceHash, simulatePersistent(drawPersistentRun(seed + 100)).traceHash);
  }
});

Deno.test("without faults everybody sends everything, and gets what is promised", () => {
  const result = simulatePersistent({
    ...plainPersistentRun(1),
    disconnectRate: 0,
    deregisterRate: 0,
  });
  assert.deepEqual(findPersistentViolations(result), []);
  assert.equal(result.stored, 150);
  assert.ok(result.logged >= 440, `${result.logged}`); // Those who registered later missed a few.
  assert.deepEqual(result.faults, noPersistentFaultCounts());
});

/** How a run of each mistake looks that shows it. */
const WITNESSES: ReadonlyMap<string, RegExp> = new Map([
  ["ack-before-commit", /^. was told that its message is stored as number \d+, which is/],
  ["online-before-replay", /^the log of . has message \d+ after message \d+$/],
  ["seconds-instead-of-milliseconds", /^. got message \d+, which is not for it$/],
  ["dedup-forgotten", /^the log of . has message \d+ twice$/],
  ["ack-before-log", /^. is online and never got message \d+$/],
  ["retry-stored-twice", /^message \d+ of . is stored as message \d+ too$/],
  ["td-as-count", /^. is online and never got message \d+$/],
  ["replay-to-old-port", /^. is online and never got message \d+$/],
  ["sender-left-out", /^. is online and never got message \d+$/],
  ["clock-goes-back", /^message \d+ of . is of time \d+, the one before it of \d+$/],
]);

/** Each mistake is caught by then, from seed 1 on; the command promises 1,000. */
const CAUGHT_BY_SEED = 200;

function firstCaught({ makers, caughtBy, name }: PersistentBug): { seed: number; witness: string } {
  for (let seed = 1; seed <= CAUGHT_BY_SEED; seed++) {
    const violations = findPersistentViolations(
      simulatePersistent({ ...drawPersistentRun(seed), makers }),
    );
    const found = violations.find(({ property }) => property === caughtBy);
    if (found !== undefined) return { seed, witness: found.witness };
  }
  assert.fail(`${name} is not caught`);
}

Deno.test("there is a witness for each mistake", () => {
  assert.deepEqual([...PERSISTENT_BUGS.keys()].sort(), [...WITNESSES.keys()].sort());
});

for (const bug of PERSISTENT_BUGS.values()) {
  Deno.test(`${bug.name} is caught by ${bug.caughtBy}, and the real protocol keeps it`, () => {
    const { seed, witness } = firstCaught(bug);
    assert.match(witness, WITNESSES.get(bug.name)!);
    assert.deepEqual(findPersistentViolations(simulatePersistent(drawPersistentRun(seed))), []);
  });
}

/** What campaigns have found: each run failed before its fix. The options are written out, so that a
 * change in what a swarm draws doesn't take their meaning away. */
const FOUND: readonly {
  readonly story: string;
  readonly options: Partial<PersistentSimulationOptions>;
}[] = [
  {
    // What was cleaned away by a clock that a crash and a clock set back made forgotten.
    story: "crashes of the coordinator with clocks that are set, while members are away",
    options: {
      tdMs: 300,
      disconnectRate: 0.3,
      faults: { ...NO_PERSISTENT_FAULTS, coordinatorCrashes: 8, clockStepMaxMs: 5000 },
    },
  },
  {
    // A sign of life was forgotten with the batch that it came in.
    story: "connections that break while the disk is full",
    options: {
      tdMs: 300,
      syncMaxMs: 20,
      faults: {
        ...NO_PERSISTENT_FAULTS,
        breakRate: 0.05,
        participantCrashes: 8,
        storeFailures: 8,
      },
    },
  },
];

for (const { story, options } of FOUND) {
  Deno.test(`all is kept in ${story}`, () => {
    for (let seed = 1; seed <= 300; seed++) {
      const result = simulatePersistent({ ...plainPersistentRun(seed), ...options });
      assert.deepEqual(findPersistentViolations(result), [], `seed ${seed}`);
    }
  });
}
