import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../src/protocols/random.ts";
import { Epidemic, type EpidemicResult } from "../../src/simulator/epidemic.ts";
import { type EpidemicOptions, GOSSIP_MODES } from "../../src/simulator/epidemic_options.ts";
import { EpidemicStatistics, RunningMean } from "../../src/simulator/epidemic_statistics.ts";
import { EpidemicTrials } from "../../src/simulator/epidemic_trials.ts";

const PLAIN: EpidemicOptions = {
  ...{ nodes: 2, fanout: 1, mode: "push", reaction: "feedback", stop: "counter", k: 1 },
};

/** What came out, in whole numbers. */
interface Outcome {
  readonly reached: number;
  readonly sent: number;
  readonly tLast: number;
  readonly cycles: number;
}

/** Runs an epidemic to its end. */
function run(options: Partial<EpidemicOptions>, seed = 1): Outcome {
  const all = { ...PLAIN, ...options };
  const epidemic = new Epidemic(all, new Random(seed));
  while (!epidemic.isOver) epidemic.step();
  const { residue, traffic, tLast } = epidemic.result();
  const { reached, cycle: cycles } = epidemic;
  assert.equal(residue, (all.nodes - reached) / all.nodes);
  return { reached, sent: Math.round(traffic * all.nodes), tLast, cycles };
}

Deno.test("push: who hears a rumor tells it from the next cycle, and k who knew it end that", () => {
  // Cycle 1: 0 tells 1. From cycle 2 both tell each other what they know.
  assert.deepEqual(run({ k: 1 }), { reached: 2, sent: 3, tLast: 1, cycles: 2 });
  assert.deepEqual(run({ k: 3 }), { reached: 2, sent: 7, tLast: 1, cycles: 4 });
});

Deno.test("pull: everybody asks, and questions that nobody answers cost nothing", () => {
  assert.deepEqual(run({ mode: "pull" }), { reached: 2, sent: 3, tLast: 1, cycles: 2 });
});

Deno.test("push-pull: each meeting goes both ways", () => {
  // Cycle 1: 0 tells 1, and 1 asks 0: it is news to 1 both times. Cycle 2: both do both.
  assert.deepEqual(run({ mode: "push-pull" }), { reached: 2, sent: 6, tLast: 1, cycles: 2 });
});

Deno.test("push: each partner of a cycle counts for itself", () => {
  const outcome = run({ nodes: 3, fanout: 2, k: 2 });
  assert.deepEqual(outcome, { reached: 3, sent: 2 + 6, tLast: 1, cycles: 2 });
});

Deno.test("pull: those who ask a node in one cycle count once", () => {
  const outcome = run({ nodes: 3, fanout: 2, k: 2, mode: "pull" });
  assert.deepEqual(outcome, { reached: 3, sent: 2 + 6 + 6, tLast: 1, cycles: 3 });
});

Deno.test("blind nodes send a rumor k times and no more, though it be amid a cycle", () => {
  const options = fc.record({
    nodes: fc.integer({ min: 7, max: 30 }),
    fanout: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 1, max: 9 }),
    mode: fc.constantFrom(...GOSSIP_MODES),
  });
  fc.assert(fc.property(options, fc.nat(), (options, seed) => {
    const { reached, sent } = run({ ...options, reaction: "blind" }, seed);
    assert.equal(sent, options.k * reached);
  }));
});

Deno.test("blind nodes stop without knowing what their partners say", () => {
  // Cycle 1: 0 tells 1. Cycle 2: both tell each other, and 0 has told it twice. Cycle 3: 1 has.
  const outcome = run({ reaction: "blind", k: 2 });
  assert.deepEqual(outcome, { reached: 2, sent: 4, tLast: 1, cycles: 3 });
});

Deno.test("the averages are over those who heard the rumor, the first one in cycle 0", () => {
  const epidemic = new Epidemic(PLAIN, new Random(1));
  assert.deepEqual(epidemic.result(), { residue: 0.5, traffic: 0, tLast: 0, tAverage: 0 });
  while (!epidemic.isOver) epidemic.step();
  assert.deepEqual(epidemic.result(), { residue: 0, traffic: 1.5, tLast: 1, tAverage: 0.5 });
});

Deno.test("who never heard the rumor isn't in the averages", () => {
  // Blind with k = 1 the rumor goes to one node in each cycle, until it comes to one that knows it.
  const options = { ...PLAIN, nodes: 1000, reaction: "blind", k: 1 } as const;
  const epidemic = new Epidemic(options, new Random(1));
  while (!epidemic.isOver) epidemic.step();
  const { residue, tLast, tAverage } = epidemic.result();
  assert.ok(residue > 0.5 && tLast > 1);
  assert.equal(tAverage, tLast / 2);
});

Deno.test("every epidemic comes to its end, reaches somebody and is the same again", () => {
  const options = fc.record({
    nodes: fc.integer({ min: 2, max: 40 }),
    mode: fc.constantFrom(...GOSSIP_MODES),
    reaction: fc.constantFrom("feedback" as const, "blind" as const),
    stop: fc.constantFrom("counter" as const, "coin" as const),
    k: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(fc.property(options, fc.nat(), fc.nat(), (options, pick, seed) => {
    const all = { ...options, fanout: 1 + pick % Math.min(3, options.nodes - 1) };
    const outcome = run(all, seed);
    assert.ok(outcome.reached >= 2 && outcome.tLast <= outcome.cycles);
    assert.ok(outcome.sent >= outcome.reached - 1);
    assert.deepEqual(run(all, seed), outcome);
  }));
});

Deno.test("nodes that never lose interest go on when everybody knows", () => {
  const options = { ...PLAIN, nodes: 50, rules: { losesInterest: false } };
  const epidemic = new Epidemic(options, new Random(1));
  while (epidemic.reached < 50) epidemic.step();
  for (let i = 0; i < 100; i++) epidemic.step();
  assert.ok(!epidemic.isOver);
  assert.ok(epidemic.result().traffic > 100);
});

Deno.test("a hundred thousand nodes are no more difficult than a thousand", () => {
  const { reached, tLast } = run({ nodes: 100_000, k: 2 });
  assert.ok(reached > 95_000 && reached < 98_000, String(reached));
  assert.ok(tLast > 20 && tLast < 35, String(tLast));
});

function trialsOf(trials: number, seed: number, slice: number): EpidemicStatistics {
  const running = new EpidemicTrials({ ...PLAIN, nodes: 30 }, trials, seed);
  while (!running.advance(slice));
  return running.statistics;
}

Deno.test("trials differ from one another, and come to the same in slices of any size", () => {
  const { trials, means, standardErrors } = trialsOf(40, 7, 1);
  assert.equal(trials, 40);
  assert.ok(standardErrors.traffic! > 0);
  assert.deepEqual(trialsOf(40, 7, Infinity).means, means);
  assert.notDeepEqual(trialsOf(40, 8, Infinity).means, means);
});

Deno.test("an advance goes no farther than it was told, but at least for a cycle", () => {
  const running = new EpidemicTrials({ ...PLAIN, nodes: 30 }, 2, 1);
  assert.equal(running.cycle, 0);
  assert.ok(!running.advance(1));
  assert.equal(running.cycle, 1);
  assert.ok(!running.advance(60));
  assert.equal(running.cycle, 3);
  assert.ok(running.advance(Infinity));
  assert.equal(running.cycle, 0);
  assert.equal(running.statistics.trials, 2);
  assert.ok(running.advance(Infinity), "nothing is left to do");
  assert.equal(running.statistics.trials, 2);
});

Deno.test("a mean and its standard error are those of the textbook", () => {
  const values = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 2 });
  fc.assert(fc.property(values, (values) => {
    const running = new RunningMean();
    for (const value of values) running.add(value);
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    assert.ok(Math.abs(running.mean - mean) < 1e-9);
    assert.ok(Math.abs(running.standardError! - Math.sqrt(squares / (n - 1) / n)) < 1e-6);
  }));
});

Deno.test("one trial says nothing about its error", () => {
  const statistics = new EpidemicStatistics();
  const result: EpidemicResult = { residue: 0.1, traffic: 2, tLast: 9, tAverage: 5 };
  statistics.add(result);
  assert.deepEqual(statistics.means, result);
  const none = { residue: null, traffic: null, tLast: null, tAverage: null };
  assert.deepEqual(statistics.standardErrors, none);
  statistics.add({ ...result, tLast: 11 });
  assert.deepEqual(statistics.means, { ...result, tLast: 10 });
  assert.deepEqual(statistics.standardErrors, {
    ...{ residue: 0, traffic: 0, tLast: 1, tAverage: 0 },
  });
});
