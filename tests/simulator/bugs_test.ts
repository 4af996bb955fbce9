/**
 * Each deliberate mistake is caught, by the property that its explanation names; the real protocol
 * is clean on the same seed.
 */

import assert from "node:assert/strict";
import { promised } from "../../src/checkers/judge.ts";
import { findViolations, type Violation } from "../../src/cli/judge_simulation.ts";
import { type Bug, ORDER_BUGS } from "../../src/simulator/bugs.ts";
import { withParts } from "../../src/simulator/bugs/bug.ts";
import { SortingOrdering } from "../../src/simulator/bugs/sort_at_end.ts";
import { simulateOrder, type SimulationResult } from "../../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

/** What a witness says to a class, bug by bug. */
const OPPOSITE = /^process \d delivered \d:\d+ before \d:\d+, process \d the other way round$/;
const EFFECT_FIRST =
  /^process \d delivered (\d):\d+ before \d:\d+, which process \1 had delivered before it multicast \1:\d+$/;
const STUCK = /^process \d did not come to its end .* waits for process \d/;
const WITNESSES: ReadonlyMap<string, RegExp> = new Map([
  ["no-tie-break", OPPOSITE],
  ["clock-never-merged", /^process \d (multicast|received) \d:\d+ at time \d+, (but|then) .* time/],
  ["deliver-without-acks", OPPOSITE],
  ["ack-before-fifo", OPPOSITE],
  ["no-duplicate-check", /^process \d delivered \d:\d+ twice$/],
  ["no-retransmission", STUCK],
  ["third-party-ack-lost", STUCK],
  ["stop-overtakes", /^process \d delivered \d:\d+, process \d never did$/],
  ["sort-at-end", OPPOSITE],
  ["dependencies-ignored", EFFECT_FIRST],
  ["numbering-twice", /^process \d delivered \d:\d+ twice$/],
]);

/** Each mistake is caught by then, from seed 1 on; the command promises 1,000. */
const CAUGHT_BY_SEED = 100;

/** In so many runs no mistake shows as a crash of the protocol or as garbage. */
const DECENT_SEEDS = 20;

interface Judged {
  readonly result: SimulationResult;
  readonly violations: readonly Violation[];
}

function simulate(seed: number, bug: Bug): Judged {
  const result = simulateOrder({ ...drawSwarmRun(seed, bug.order), makeGroup: bug.makeGroup });
  return { result, violations: findViolations(bug.order, result) };
}

function simulateReal(seed: number, { order }: Bug): Judged {
  const result = simulateOrder(drawSwarmRun(seed, order));
  return { result, violations: findViolations(order, result) };
}

function witnessOf(bug: Bug, violations: readonly Violation[]): string | undefined {
  return violations.find(({ property }) => property === bug.caughtBy)?.witness;
}

/** The first seed on which the mistake is caught, and what is seen there. */
function firstCaught(bug: Bug): Judged & { seed: number; witness: string } {
  for (let seed = 1; seed <= CAUGHT_BY_SEED; seed++) {
    const judged = simulate(seed, bug);
    const witness = witnessOf(bug, judged.violations);
    if (witness !== undefined) return { ...judged, seed, witness };
  }
  assert.fail(`${bug.name}: ${bug.caughtBy} holds on the seeds 1 to ${CAUGHT_BY_SEED}`);
}

function bugNamed(name: string): Bug {
  const bug = ORDER_BUGS.get(name);
  assert.ok(bug, `there is a bug ${name}`);
  return bug;
}

function countDeliveries({ run }: SimulationResult, process: number): number {
  const journal = run.journals.get(process)!;
  let count = 0;
  for (let i = 0; i < journal.length; i++) if (journal.kindAt(i) === "deliver") count++;
  return count;
}

Deno.test("every mistake in src/simulator/bugs is in the list, under its file's name", () => {
  const files = [...Deno.readDirSync(new URL("../../src/simulator/bugs/", import.meta.url))];
  const names = files.map(({ name }) => name.replace(/\.ts$/, "").replaceAll("_", "-"));
  assert.deepEqual([...ORDER_BUGS.keys()].sort(), names.filter((name) => name !== "bug").sort());
  for (const [name, bug] of ORDER_BUGS) assert.equal(bug.name, name);
  assert.deepEqual([...ORDER_BUGS.keys()], [...WITNESSES.keys()]);
});

Deno.test("every mistake is explained in one sentence and breaks something promised", () => {
  for (const { name, order, explanation, caughtBy } of ORDER_BUGS.values()) {
    assert.match(explanation, /^[a-z][^.]{40,220}[^.\s]$/, name);
    assert.ok([...promised(order), "clock", "liveness"].includes(caughtBy), name);
  }
  const explanations = new Set([...ORDER_BUGS.values()].map(({ explanation }) => explanation));
  assert.equal(explanations.size, ORDER_BUGS.size);
});

for (const bug of ORDER_BUGS.values()) {
  Deno.test(`${bug.name} breaks ${bug.caughtBy}, alike each time, and the real protocol doesn't`, () => {
    const { seed, witness, violations, result } = firstCaught(bug);
    assert.match(witness, WITNESSES.get(bug.name)!);
    const again = simulate(seed, bug);
    assert.deepEqual(again.violations, violations);
    assert.equal(again.result.traceHash, result.traceHash);
    const real = simulateReal(seed, bug);
    assert.deepEqual(real.violations, [], `the real protocol on seed ${seed}`);
    assert.notEqual(real.result.traceHash, result.traceHash);
  });
}

Deno.test("no mistake shows as garbage or as a broken invariant", () => {
  for (const bug of ORDER_BUGS.values()) {
    for (let seed = 1; seed <= DECENT_SEEDS; seed++) {
      // A broken invariant would be thrown.
      const defects = simulate(seed, bug).result.defects;
      assert.deepEqual(defects, [], `${bug.name}, seed ${seed}`);
    }
  }
});

Deno.test("sort-at-end leaves equal logs behind although the deliveries differ", () => {
  const orderings: SortingOrdering[] = [];
  const makeGroup = withParts({
    makeOrdering: (_order, self, _size, _knowledge, link, sink) => {
      const ordering = new SortingOrdering(self, link, sink);
      orderings.push(ordering);
      return ordering;
    },
  });
  const bug = { ...bugNamed("sort-at-end"), makeGroup };
  for (let seed = 1; seed <= CAUGHT_BY_SEED; seed++) {
    orderings.length = 0;
    const { violations, result } = simulate(seed, bug);
    if (witnessOf(bug, violations) === undefined || result.run.incomplete.size > 0) continue;
    const [first, ...others] = orderings.map(({ sortedLog }) => sortedLog);
    assert.ok(first!.length > 0 && others.length > 0);
    for (const other of others) assert.deepEqual(other, first);
    return;
  }
  assert.fail("No complete run");
});

Deno.test("third-party-ack-lost keeps a process from delivering what others have", () => {
  const { result, witness } = firstCaught(bugNamed("third-party-ack-lost"));
  const stuck = Number(witness.match(/^process (\d+)/)![1]);
  const own = countDeliveries(result, stuck);
  const others = [...result.run.journals.keys()].map((p) => countDeliveries(result, p));
  assert.ok(own < Math.max(...others), `process ${stuck} delivered ${own} of ${others}`);
});
