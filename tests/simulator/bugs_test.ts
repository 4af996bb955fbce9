/**
 * Each deliberate mistake is caught, by the property that its explanation names; the real protocol
 * is clean where it is.
 */

import assert from "node:assert/strict";
import { promised } from "../../src/checkers/judge.ts";
import { findViolations, type Violation } from "../../src/cli/judge_simulation.ts";
import { type Bug, ORDER_BUGS } from "../../src/simulator/bugs.ts";
import { withParts } from "../../src/simulator/bugs/bug.ts";
import { SortingOrdering } from "../../src/simulator/bugs/sort_at_end.ts";
import { simulateOrder, type SimulationResult } from "../../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";

/** Seeds of small runs that show each mistake, and what they show. */
const EXAMPLES: ReadonlyMap<string, { seed: number; witness: string }> = new Map([
  ["no-tie-break", {
    seed: 661,
    witness: "process 0 delivered 0:1 before 1:1, process 1 the other way round",
  }],
  ["clock-never-merged", {
    seed: 248,
    witness: "process 1 received 0:1 at time 0, but process 0 multicast it at time 1",
  }],
  ["deliver-without-acks", {
    seed: 661,
    witness: "process 0 delivered 0:1 before 1:1, process 1 the other way round",
  }],
  ["ack-before-fifo", {
    seed: 155,
    witness: "process 0 delivered 0:2 before 1:2, process 1 the other way round",
  }],
  ["no-duplicate-check", { seed: 248, witness: "process 1 delivered 0:1 twice" }],
  ["no-retransmission", {
    seed: 672,
    witness: "process 0 did not come to its end in time after the network had healed: it is in " +
      'the state "waiting" and waits for process 1',
  }],
  ["third-party-ack-lost", {
    seed: 450,
    witness: "process 2 did not come to its end in time after the network had healed: it is in " +
      'the state "waiting" and waits for process 0',
  }],
  ["stop-overtakes", { seed: 661, witness: "process 1 delivered 0:1, process 0 never did" }],
  ["sort-at-end", {
    seed: 661,
    witness: "process 0 delivered 0:1 before 1:1, process 1 the other way round",
  }],
]);

/** From seed 1 on, each mistake is caught by then; the command promises 1,000. */
const CAUGHT_BY_SEED = 10;

/** In so many runs no mistake shows as a crash of the protocol or as garbage. */
const DECENT_SEEDS = 25;

interface Judged {
  result: SimulationResult;
  violations: Violation[];
}

function simulate(seed: number, bug: Bug): Judged {
  const result = simulateOrder({ ...drawSwarmRun(seed, bug.order), makeGroup: bug.makeGroup });
  return { result, violations: findViolations(bug.order, result) };
}

function simulateReal(seed: number, { order }: Bug): Judged {
  const result = simulateOrder(drawSwarmRun(seed, order));
  return { result, violations: findViolations(order, result) };
}

function isCaught(bug: Bug, violations: readonly Violation[]): boolean {
  return violations.some(({ property }) => property === bug.caughtBy);
}

function bugNamed(name: string): Bug {
  const bug = ORDER_BUGS.get(name);
  assert.ok(bug, `there is a bug ${name}`);
  return bug;
}

function deliveredAt({ run }: SimulationResult, process: number): number {
  const { columns } = run.journals.get(process)!;
  const DELIVER = 2;
  return columns.kind.filter((kind) => kind === DELIVER).length;
}

Deno.test("every mistake in src/simulator/bugs is in the list, under its file's name", () => {
  const files = [...Deno.readDirSync(new URL("../../src/simulator/bugs/", import.meta.url))];
  const names = files.map(({ name }) => name.replace(/\.ts$/, "").replaceAll("_", "-"));
  assert.deepEqual([...ORDER_BUGS.keys()].sort(), names.filter((name) => name !== "bug").sort());
  for (const [name, bug] of ORDER_BUGS) assert.equal(bug.name, name);
  assert.deepEqual([...ORDER_BUGS.keys()], [...EXAMPLES.keys()]);
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
  const { name, caughtBy } = bug;
  const { seed, witness } = EXAMPLES.get(name)!;

  Deno.test(`${name} is caught by ${caughtBy} within ${CAUGHT_BY_SEED} seeds`, () => {
    for (let s = 1; s <= CAUGHT_BY_SEED; s++) {
      if (!isCaught(bug, simulate(s, bug).violations)) continue;
      assert.deepEqual(simulateReal(s, bug).violations, [], `the real protocol on seed ${s}`);
      return;
    }
    assert.fail(`${caughtBy} holds on the seeds 1 to ${CAUGHT_BY_SEED}`);
  });

  Deno.test(`${name} fails alike each time, and the real protocol on seed ${seed} doesn't`, () => {
    const first = simulate(seed, bug);
    const again = simulate(seed, bug);
    assert.equal(first.violations.find(({ property }) => property === caughtBy)?.witness, witness);
    assert.deepEqual(again.violations, first.violations);
    assert.equal(again.result.traceHash, first.result.traceHash);
    const real = simulateReal(seed, bug);
    assert.deepEqual(real.violations, []);
    assert.notEqual(real.result.traceHash, first.result.traceHash);
  });
}

Deno.test("no mistake shows as garbage or as a broken invariant", () => {
  for (const bug of ORDER_BUGS.values()) {
    for (let seed = 1; seed <= DECENT_SEEDS; seed++) {
      // A broken invariant would be thrown.
      const { violations } = simulate(seed, bug);
      const defects = violations.filter(({ property }) => property === "defect");
      assert.deepEqual(defects, [], `${bug.name}, seed ${seed}`);
    }
  }
});

Deno.test("sort-at-end leaves equal logs behind although the deliveries differ", () => {
  const bug = bugNamed("sort-at-end");
  const orderings: SortingOrdering[] = [];
  const makeGroup = withParts({
    makeOrdering: (_order, self, _size, _knowledge, link, sink) => {
      const ordering = new SortingOrdering(self, link, sink);
      orderings.push(ordering);
      return ordering;
    },
  });
  const { violations } = simulate(EXAMPLES.get(bug.name)!.seed, { ...bug, makeGroup });
  assert.ok(isCaught(bug, violations));
  const [first, ...others] = orderings.map(({ sortedLog }) => sortedLog);
  assert.ok(first!.length > 0 && others.length > 0);
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("third-party-ack-lost keeps a process from delivering what the others have", () => {
  const bug = bugNamed("third-party-ack-lost");
  const { result } = simulate(EXAMPLES.get(bug.name)!.seed, bug);
  assert.deepEqual(result.unfinished.map(({ process }) => process), [2]);
  assert.equal(deliveredAt(result, 0), 3);
  assert.equal(deliveredAt(result, 1), 3);
  assert.ok(deliveredAt(result, 2) < 3, `process 2 delivered ${deliveredAt(result, 2)}`);
});
