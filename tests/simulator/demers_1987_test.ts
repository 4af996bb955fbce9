/**
 * One test for each claim of the paper about rumors that the simulator repeats.
 *
 * Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart, Terry: Epidemic Algorithms for
 * Replicated Database Maintenance. PODC 1987. Each test names the section. All trials are from fixed
 * seeds.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import {
  compareWithPaper,
  markOf,
  PAPER_MEASURES,
  PAPER_NODES,
  PAPER_TABLES,
  type PaperTable,
  trialsFor,
} from "../../src/simulator/demers_1987.ts";
import { Epidemic } from "../../src/simulator/epidemic.ts";
import type { EpidemicOptions } from "../../src/simulator/epidemic_options.ts";
import type { EpidemicStatistics } from "../../src/simulator/epidemic_statistics.ts";
import { EpidemicTrials } from "../../src/simulator/epidemic_trials.ts";

const PLAIN: EpidemicOptions = {
  ...{ nodes: PAPER_NODES, fanout: 1, mode: "push", reaction: "feedback", stop: "counter", k: 1 },
};
const [PUSH_TABLE, BLIND_TABLE, PULL_TABLE] = PAPER_TABLES as [PaperTable, PaperTable, PaperTable];

function simulate(options: Partial<EpidemicOptions>, trials: number): EpidemicStatistics {
  const running = new EpidemicTrials({ ...PLAIN, ...options }, trials, 1);
  running.advance(Infinity);
  return running.statistics;
}

function simulateRow({ mode, reaction, stop }: PaperTable, k: number, trials: number) {
  return simulate({ mode, reaction, stop, k }, trials);
}

/** Asserts that all measures of a row are within their marks, without any allowance for chance. */
function assertRow(
  table: PaperTable,
  k: number,
  statistics: EpidemicStatistics,
  measures: readonly (typeof PAPER_MEASURES)[number][] = PAPER_MEASURES,
): void {
  const compared = compareWithPaper(table, k, statistics);
  for (const measure of measures) {
    const { verdict, deviation } = compared[measure];
    assert.equal(verdict, "within", `k = ${k}: ${measure} deviates by ${deviation}`);
  }
}

Deno.test("1.4, table 1: push with feedback and counters", () => {
  for (const k of [1, 2, 3, 4, 5]) assertRow(PUSH_TABLE, k, simulateRow(PUSH_TABLE, k, 500));
});

Deno.test("1.4, table 2: push, blind, with coins", () => {
  for (const k of [2, 3, 4, 5]) assertRow(BLIND_TABLE, k, simulateRow(BLIND_TABLE, k, 500));
});

Deno.test("1.4, table 2: blind with k = 1, one node at a time has the rumor, until it comes back", () => {
  const statistics = simulateRow(BLIND_TABLE, 1, 4000);
  assertRow(BLIND_TABLE, 1, statistics, ["residue", "traffic"]);
  // How long that takes is a birthday problem. The paper's 38 is near to it.
  let expected = 0;
  let chance = 1;
  for (let known = 1; known < PAPER_NODES; known++) {
    chance *= (PAPER_NODES - known) / (PAPER_NODES - 1);
    expected += chance;
  }
  assert.ok(Math.abs(expected - 39.28) < 0.01, String(expected));
  const { means: { tLast }, standardErrors } = statistics;
  assert.ok(Math.abs(tLast - expected) < 2 * standardErrors.tLast!, String(tLast));
  assert.ok(Math.abs(expected - BLIND_TABLE.rows[0]!.tLast) < 1.5);
});

Deno.test("1.4, table 3: pull with feedback and counters", () => {
  assertRow(PULL_TABLE, 1, simulateRow(PULL_TABLE, 1, 300));
  assertRow(PULL_TABLE, 2, simulateRow(PULL_TABLE, 2, 1500));
});

Deno.test("1.4, table 3: a pull with k = 3 misses a few nodes in a million", () => {
  const trials = 4000;
  const statistics = simulateRow(PULL_TABLE, 3, trials);
  assertRow(PULL_TABLE, 3, statistics, ["traffic", "tLast"]);
  // The paper's 4.0e-6 would be 16 nodes in so many trials, and the 3.5e-6 of many more trials are 14.
  const missed = Math.round(statistics.means.residue * PAPER_NODES * trials);
  assert.ok(missed >= 7 && missed <= 25, String(missed));
});

Deno.test("1.4: with k = 1 about a fifth of the nodes miss a rumor, with k = 2 about 6 %", () => {
  for (const [k, share, distance] of [[1, 0.2, 0.03], [2, 0.06, 0.012]] as const) {
    const { means: { residue } } = simulate({ stop: "coin", k }, 300);
    assert.ok(Math.abs(residue - share) < distance, `${k}: ${residue}`);
  }
});

Deno.test("1.4: whatever rules a push has, its residue is e to the minus traffic", () => {
  for (const reaction of ["feedback", "blind"] as const) {
    for (const stop of ["counter", "coin"] as const) {
      for (const k of [2, 3]) {
        const { means } = simulate({ reaction, stop, k }, 300);
        const expected = Math.exp(-means.traffic);
        const name = `${reaction}, ${stop}, ${k}: ${means.residue}, not ${expected}`;
        assert.ok(Math.abs(means.residue / expected - 1) < 0.05, name);
      }
    }
  }
});

Deno.test("1.4: counters and feedback reach the last node sooner than coins and blindness", () => {
  const last = (options: Partial<EpidemicOptions>) =>
    simulate({ ...options, k: 3 }, 200).means.tLast;
  const best = last({});
  for (const options of [{ stop: "coin" }, { reaction: "blind" }] as const) {
    assert.ok(last(options) > best + 2, JSON.stringify(options));
  }
});

Deno.test("1.4: a pull misses far fewer than a push that sends as much", () => {
  const push = simulate({ mode: "push", k: 4 }, 200).means;
  const pull = simulate({ mode: "pull", k: 2 }, 200).means;
  assert.ok(pull.traffic < push.traffic);
  assert.ok(pull.residue < push.residue / 3, `${pull.residue}, ${push.residue}`);
});

const RESTLESS = { rules: { losesInterest: false } };

Deno.test("1.3: a push that never stops reaches all of n nodes in log2 n + ln n cycles, and a few", () => {
  for (const nodes of [100, 1000]) {
    const trials = 100;
    let cycles = 0;
    for (let trial = 0; trial < trials; trial++) {
      const options = { ...PLAIN, ...RESTLESS, nodes };
      const epidemic = new Epidemic(options, new Random([1, nodes, trial]));
      while (epidemic.reached < nodes) epidemic.step();
      cycles += epidemic.cycle;
    }
    const beyond = cycles / trials - Math.log2(nodes) - Math.log(nodes);
    assert.ok(beyond > 0.5 && beyond < 1.5, `${nodes}: ${beyond}`);
  }
});

Deno.test("1.3: in the end a pull squares the share of who doesn't know, a push divides it by e", () => {
  for (const mode of ["pull", "push"] as const) {
    const nodes = 100_000;
    const epidemic = new Epidemic({ ...PLAIN, ...RESTLESS, mode, nodes }, new Random(1));
    const share = () => 1 - epidemic.reached / nodes;
    let looked = 0;
    for (let before = share(); before > 0.01; before = share()) {
      epidemic.step();
      if (before > 0.3) continue;
      const expected = mode === "pull" ? before ** 2 : before * Math.exp(-(1 - before));
      assert.ok(Math.abs(share() / expected - 1) < 0.1, `${mode}: ${before}, ${share()}`);
      looked++;
    }
    assert.ok(looked >= 2, mode);
  }
});

Deno.test("a row has enough trials that somebody is missed, a thousand at least", () => {
  const trials = PAPER_TABLES.flatMap(({ rows }) => rows.map(trialsFor));
  assert.deepEqual(trials, [...new Array(12).fill(1000), 7500]);
});

Deno.test("a deviation is within its mark, beyond it, or undecided if the trials may be too few", () => {
  const mark = markOf(PUSH_TABLE, 1, "tLast");
  assert.equal(mark, 0.5);
  const compare = (tLast: number, standardError: number | null) => {
    const means = { ...PUSH_TABLE.rows[0]!, tLast, tAverage: 10 };
    const errors = { residue: 0, traffic: 0, tLast: standardError, tAverage: 0 };
    const statistics = { trials: 100, means, standardErrors: errors };
    const { residue, tLast: compared } = compareWithPaper(PUSH_TABLE, 1, statistics);
    assert.deepEqual(residue, { deviation: 0, verdict: "within" });
    return compared.verdict;
  };
  assert.equal(compare(16.8, 0), "within");
  assert.equal(compare(16.4, 0), "within");
  assert.equal(compare(17.6, 0.1), "beyond");
  assert.equal(compare(16, 0.1), "beyond");
  assert.equal(compare(17.6, 0.2), "undecided");
  assert.equal(compare(17.6, null), "undecided", "one trial");
});

Deno.test("that few trials missed nobody is no proof that nobody is missed", () => {
  const standardErrors = { residue: 0, traffic: 0, tLast: 0, tAverage: 0 };
  const means = { ...PULL_TABLE.rows[2]!, residue: 0, tAverage: 10 };
  const verdictOf = (trials: number) =>
    compareWithPaper(PULL_TABLE, 3, { trials, means, standardErrors }).residue.verdict;
  assert.equal(verdictOf(100), "undecided");
  assert.equal(verdictOf(1000), "beyond");
});
