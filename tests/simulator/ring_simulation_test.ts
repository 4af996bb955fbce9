/**
 * The simulator of the token ring: what CI runs of its campaigns, that a seed repeats its run, that its
 * faults do what they say, and that each deliberate mistake is caught.
 */

import assert from "node:assert/strict";
import { plainRingRun } from "../../src/cli/ring_knobs.ts";
import { findRingViolations } from "../../src/cli/ring_plan.ts";
import type { LockEnded, LockGranted } from "../../src/history/ring_history.ts";
import { addFaultCounts } from "../../src/simulator/faults.ts";
import { RING_BUGS, type RingBug } from "../../src/simulator/ring_bugs.ts";
import {
  NO_RING_FAULTS,
  noRingFaultCounts,
  type RingFaultCounts,
} from "../../src/simulator/ring_faults.ts";
import type { RingSimulationOptions } from "../../src/simulator/ring_options.ts";
import { RingSimulation, simulateRing } from "../../src/simulator/ring_simulation.ts";
import { drawRingRun } from "../../src/simulator/ring_swarm.ts";

function replay(seed: number): string {
  return `mpcomm simulate tokenring --seed ${seed} --swarm`;
}

/** What doesn't happen in every campaign of this length. */
const SELDOM: ReadonlySet<keyof RingFaultCounts> = new Set(["late", "overflowed"]);

Deno.test("fifty rings keep what is promised whatever goes wrong", () => {
  const counts = noRingFaultCounts();
  for (let seed = 1; seed <= 50; seed++) {
    const result = simulateRing(drawRingRun(seed));
    assert.deepEqual(findRingViolations(result), [], replay(seed));
    addFaultCounts(counts, result.faults);
  }
  for (const [kind, count] of Object.entries(counts) as [keyof RingFaultCounts, number][]) {
    if (!SELDOM.has(kind)) assert.ok(count >= 3, `${kind} happened ${count} times`);
  }
  assert.ok(counts.grants >= 5000 && counts.epochs >= 100, JSON.stringify(counts));
});

Deno.test("so do some fresh rings, which are printed where they don't", () => {
  const first = crypto.getRandomValues(new Uint32Array(1))[0]!;
  for (let i = 0; i < 10; i++) {
    const seed = (first + i) % 2 ** 32;
    assert.deepEqual(findRingViolations(simulateRing(drawRingRun(seed))), [], replay(seed));
  }
});

Deno.test("a seed repeats its run to the last event, and another one doesn't", () => {
  for (let seed = 1; seed <= 4; seed++) {
    const [one, other] = [seed, seed].map((seed) => simulateRing(drawRingRun(seed)));
    assert.equal(one!.traceHash, other!.traceHash);
    assert.deepEqual(one!.history, other!.history);
    assert.notEqual(one!.traceHash, simulateRing(drawRingRun(seed + 100)).traceHash);
  }
});

Deno.test("how a run is cut into slices makes no difference", () => {
  const whole = simulateRing(drawRingRun(2));
  const simulation = new RingSimulation(drawRingRun(2));
  while (!simulation.advance(7));
  assert.equal(simulation.result().traceHash, whole.traceHash);
});

Deno.test("without faults one token serves all, and nothing else happens", () => {
  for (const nodes of [1, 2, 3, 9]) {
    const result = simulateRing({ ...plainRingRun(1), nodes });
    assert.deepEqual(findRingViolations(result), []);
    const { grants, hops, epochs, ...faults } = result.faults;
    assert.ok(grants >= 20 * nodes && hops >= 2 && epochs === 1, `${grants}, ${hops}, ${epochs}`);
    assert.ok(Object.values(faults).every((count) => count === 0), JSON.stringify(faults));
  }
});

Deno.test("several starts at once make one token", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const result = simulateRing({ ...plainRingRun(seed), nodes: 5, starters: 5 });
    assert.deepEqual(findRingViolations(result), [], `seed ${seed}`);
    // Those who ask at once for the votes of the first epoch may share them, and then ask for more.
    const made = new Set(
      result.history.events.flatMap((event) => event.event === "arrived" ? [event.epoch] : []),
    );
    assert.equal(made.size, 1);
  }
});

Deno.test("what uses the lock ends with the lease, though the node's process stands still", () => {
  const options: RingSimulationOptions = {
    ...plainRingRun(1),
    longHoldRate: 1,
    longHoldMaxMs: 10_000,
    faults: { ...NO_RING_FAULTS, holderPauses: 3, pauseMaxMs: 10_000 },
  };
  let ended = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const result = simulateRing({ ...options, seed });
    assert.deepEqual(findRingViolations(result), []);
    ended += result.faults.leasesLost;
  }
  assert.ok(ended >= 5, `${ended}`);
});

Deno.test("a holder that was killed uses the lock until its lease is over at the latest", () => {
  const faults = { ...NO_RING_FAULTS, holderCrashes: 10, downMaxMs: 200 };
  const result = simulateRing({
    ...{ ...plainRingRun(3), longHoldRate: 1, longHoldMaxMs: 60_000, loadMs: 0, faults },
    ...{ faultPeriodMs: 60_000, users: 1, nodes: 3 },
  });
  assert.ok(result.faults.crashedHolding >= 3, `${result.faults.crashedHolding}`);
  const { events } = result.history;
  const ends = events.filter((event): event is LockEnded => event.event === "ended");
  const grants = events.filter((event): event is LockGranted => event.event === "granted");
  assert.equal(ends.length, grants.length);
  assert.deepEqual(findRingViolations(result), []);
});

/** How a run of each mistake looks that shows it. */
const WITNESSES: ReadonlyMap<string, RegExp> = new Map([
  ["start-twice", /^in epoch \d+ token \d+ came to node \d at .* ms, after token \d+ had come/],
  ["unlock-forges", /^in epoch \d+ token \d+ came to node \d/],
  ["regenerate-without-quorum", /^in epoch \d+ token \d+ came to node \d/],
  ["no-epoch", /^node \d got the lock at .* with fencing number \d+, while node \d used it until/],
  ["skip-silent-successor", /^in epoch \d+ token \d+ came to node \d/],
  ["duplicate-token-taken", /^in epoch \d+ token \d+ came to node \d/],
  ["token-to-anybody", /^in epoch \d+ token \d+ came to node \d/],
  ["vote-forgotten", /^in epoch \d+ token \d+ came to node \d/],
  ["no-quarantine", /^node \d got the lock at .* while node \d used it until/],
  ["leave-forgets-support", /^node \d got the lock at .* while node \d used it until/],
  ["no-lease", /^node \d got the lock at .* while node \d used it until/],
  ["lease-from-answer", /^node \d got the lock at .* while node \d used it until/],
  ["lease-without-drift", /^node \d got the lock at .* while node \d used it until/],
  [
    "fence-restarts",
    /^node \d got the lock with fencing number \d+ at .* after node \d had got it/,
  ],
]);

/** Each mistake is caught within so many runs; the command promises 1,000. */
const RUNS_UNTIL_CAUGHT = 400;

/** Where to begin with those that show seldom; the others are looked for from seed 1 on. */
const FIRST_SEEDS: ReadonlyMap<string, number> = new Map([
  ["token-to-anybody", 60],
  ["no-quarantine", 70],
  ["leave-forgets-support", 70],
  ["lease-from-answer", 65],
  ["lease-without-drift", 25],
]);

function firstCaught({ makeRing, caughtBy, name }: RingBug): { seed: number; witness: string } {
  const first = FIRST_SEEDS.get(name) ?? 1;
  for (let seed = first; seed < first + RUNS_UNTIL_CAUGHT; seed++) {
    const violations = findRingViolations(simulateRing({ ...drawRingRun(seed), makeRing }));
    const found = violations.find(({ property }) => property === caughtBy);
    if (found !== undefined) return { seed, witness: found.witness };
  }
  assert.fail(`${name} is not caught`);
}

Deno.test("there is a witness for each mistake", () => {
  assert.deepEqual([...RING_BUGS.keys()].sort(), [...WITNESSES.keys()].sort());
});

for (const bug of RING_BUGS.values()) {
  Deno.test(`${bug.name} is caught by ${bug.caughtBy}, and the real protocol keeps it`, () => {
    const { seed, witness } = firstCaught(bug);
    assert.match(witness, WITNESSES.get(bug.name)!);
    assert.deepEqual(findRingViolations(simulateRing(drawRingRun(seed))), []);
  });
}
