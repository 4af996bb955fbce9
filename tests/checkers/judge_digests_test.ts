import assert from "node:assert/strict";
import fc from "fast-check";
import { judge } from "../../src/checkers/judge.ts";
import { type DigestJudgement, judgeDigests } from "../../src/checkers/judge_digests.ts";
import { type Outcome, PROPERTIES, type Property } from "../../src/checkers/verdict.ts";
import type { DigestSummary } from "../../src/history/delivery_digest.ts";
import type { Run } from "../../src/history/run.ts";
import { digestsOf, isDigestible, isTimed } from "./digest_script.ts";
import { describeSample, samples } from "./random_runs.ts";
import { REFERENCE, referenceMeasures, ReferenceRun } from "./reference.ts";
import { cleanDeeds, type Deed, runOf, runOfDeeds } from "./script.ts";

const runs = samples.filter(({ run, damaged }) => damaged.size === 0 && isDigestible(run));
const REPORTED = ["integrity", "validity", "agreement", "fifo", "causal", "total"] as const;

for (const property of PROPERTIES) {
  Deno.test(`by digests, ${property} is judged as by logs or not at all`, () => {
    fc.assert(
      fc.property(runs, (sample) => {
        const verdict = judgeDigests(digestsOf(sample.run)).verdicts[property];
        const expected = REFERENCE[property](new ReferenceRun(sample.run));
        if (verdict.outcome !== "inconclusive") {
          assert.equal(verdict.outcome, expected, describeSample(sample));
        }
        assert.equal(verdict.property, property);
        assert.equal(verdict.witness !== null, verdict.outcome === "violated");
        assert.equal(verdict.reason !== null, verdict.outcome === "inconclusive");
      }),
      { numRuns: 1500 },
    );
  });
}

/** How much of what logs show is shown by digests at least, of random runs with faults. */
const SHARE: Readonly<Partial<Record<Property, number>>> = {
  integrity: 1,
  validity: 0.9,
  agreement: 0.95,
  fifo: 1,
  total: 0.5,
};

for (const [property, share] of Object.entries(SHARE) as [Property, number][]) {
  Deno.test(`digests suffice for ${100 * share} % of what logs say of ${property}`, () => {
    const known = { logs: 0, digests: 0 };
    for (const { run } of fc.sample(runs, { seed: 7, numRuns: 600 })) {
      if (REFERENCE[property](new ReferenceRun(run)) === "inconclusive") continue;
      known.logs++;
      const { outcome } = judgeDigests(digestsOf(run)).verdicts[property];
      if (outcome !== "inconclusive") known.digests++;
    }
    assert.ok(known.logs >= 100);
    assert.ok(known.digests >= share * known.logs, `${known.digests} of ${known.logs}`);
  });
}

Deno.test("by digests, the measures are what counting by hand gives, or null", () => {
  fc.assert(
    fc.property(runs, (sample) => {
      const { measures } = judgeDigests(digestsOf(sample.run));
      const { compared, rounds, roundsOutOfOrder, lost, duplicated } = referenceMeasures(
        new ReferenceRun(sample.run),
      );
      const expected = {
        compared,
        messages: judge(sample.run).measures.messages,
        rounds,
        roundsOutOfOrder,
        lost,
        duplicated,
      };
      for (const [name, value] of Object.entries(measures)) {
        if (value === null) continue;
        assert.equal(value, expected[name as keyof typeof expected], describeSample(sample));
      }
    }),
    { numRuns: 1500 },
  );
});

Deno.test("by digests, the rate is that of the logs", () => {
  fc.assert(
    fc.property(runs, (sample) => {
      fc.pre([...sample.run.journals.values()].every(isTimed));
      const { deliveredPerSecond } = judgeDigests(digestsOf(sample.run));
      assert.equal(deliveredPerSecond, judge(sample.run).deliveredPerSecond);
    }),
    { numRuns: 300 },
  );
});

const PROCESSES = 4;

/** Forty messages in total order. */
function clean(): Deed[][] {
  const senders = Array.from({ length: 40 }, (_, k) => (k * 7 + (k >> 2)) % PROCESSES);
  return cleanDeeds(senders, [0, 2, 1, 3]);
}

/** Changes the deliveries of one process. */
function change(deeds: Deed[][], process: number, edit: (log: Deed[]) => Deed[]): Run {
  const own = deeds[process]!;
  const others = own.filter(({ kind }) => kind !== "deliver");
  deeds[process] = [...others, ...edit(own.filter(({ kind }) => kind === "deliver"))];
  return runOfDeeds(deeds);
}

/** The outcomes in the order of the report: h, v or i. */
function outcomes({ verdicts }: DigestJudgement): string {
  return REPORTED.map((property) => verdicts[property].outcome[0]).join("");
}

function outcomesOf(run: Run): string {
  return outcomes(judgeDigests(digestsOf(run)));
}

function witnessOf(run: Run, property: Property) {
  return judgeDigests(digestsOf(run)).verdicts[property].witness;
}

Deno.test("of a clean run in total order all holds but what needs logs, and counts are known", () => {
  const judgement = judgeDigests(digestsOf(runOfDeeds(clean())));
  assert.equal(outcomes(judgement), "hhhhih");
  assert.equal(judgement.verdicts.causal.reason, "no logs were kept");
  assert.deepEqual(judgement.measures, {
    compared: PROCESSES,
    messages: 40,
    rounds: 40,
    roundsOutOfOrder: 0,
    lost: 0,
    duplicated: 0,
  });
  assert.deepEqual([judgement.latencyMs, judgement.ownLatencyMs], [null, null]);
});

for (const position of [0, 17, 38]) {
  for (let process = 0; process < PROCESSES; process++) {
    Deno.test(`without logs, a swap at ${position} of process ${process} shows`, () => {
      const swap = (log: Deed[]) => log.toSpliced(position, 2, log[position + 1]!, log[position]!);
      const run = change(clean(), process, swap);
      assert.equal(outcomesOf(run), "hhhhiv");
      const { processes, sentence } = witnessOf(run, "total")!;
      assert.ok(processes.includes(process), sentence);
      assert.match(
        sentence,
        /^processes \d and \d delivered the same messages in different orders$/,
      );
      const { roundsOutOfOrder, lost, duplicated } = judgeDigests(digestsOf(run)).measures;
      assert.deepEqual([roundsOutOfOrder, lost, duplicated], [null, 0, 0]);
    });

    Deno.test(`without logs, a loss at ${position} of process ${process} shows`, () => {
      const run = change(clean(), process, (log) => log.toSpliced(position, 1));
      const judgement = judgeDigests(digestsOf(run));
      assert.equal(judgement.verdicts.agreement.outcome, "violated");
      assert.ok(judgement.verdicts.agreement.witness!.processes.includes(process));
      assert.equal(judgement.verdicts.integrity.outcome, "holds");
      assert.equal(judgement.verdicts.total.outcome, "inconclusive");
      // Position 38 holds the last message of its sender: no later one shows the gap.
      assert.equal(judgement.verdicts.fifo.outcome, position < 38 ? "violated" : "holds");
      const { roundsOutOfOrder, lost, duplicated } = judgement.measures;
      assert.deepEqual([roundsOutOfOrder, lost, duplicated], [null, 1, 0]);
    });

    Deno.test(`without logs, a double at ${position} of process ${process} shows`, () => {
      const double = (log: Deed[]) => log.toSpliced(position + 1, 0, log[position]!);
      const run = change(clean(), process, double);
      assert.equal(outcomesOf(run), "vhhhih");
      const { sender, seq } = clean()[process]!.filter(({ kind }) => kind === "deliver")[position]!;
      assert.deepEqual(witnessOf(run, "integrity"), {
        property: "integrity",
        sentence: `process ${process} delivered ${sender}:${seq} twice`,
        processes: [process],
        positions: [position + 1],
        messages: [`${sender}:${seq}`],
      });
      const { duplicated, lost, rounds } = judgeDigests(digestsOf(run)).measures;
      assert.deepEqual([duplicated, lost, rounds], [1, 0, 41]);
    });
  }
}

Deno.test("without logs, what nobody multicast breaks integrity", () => {
  assert.equal(outcomesOf(runOf(["m1 d0:1 d1:1", "d0:1 d1:1"])), "vhhhih");
  assert.match(
    witnessOf(runOf(["m1 d0:1 d1:1", "d0:1 d1:1"]), "integrity")!.sentence,
    /^process 0 delivered 1:1, which process 1 never multicast$/,
  );
  assert.match(
    witnessOf(runOf(["d0:1 m1", "d0:1"]), "integrity")!.sentence,
    /^process 0 delivered its own 0:1 before it multicast it$/,
  );
});

Deno.test("without logs, who may have gone on is excused", () => {
  assert.equal(outcomesOf(runOf(["m1 m2 d0:1", "d0:1"], [0, 1])), "hihhhh");
  assert.equal(outcomesOf(runOf(["m1 m2 d0:1 d0:2", "d0:1"], [1])), "hhihhi");
  // Process 0 ended and lacks what process 1 delivered.
  assert.equal(outcomesOf(runOf(["m1 m2 d0:1", "d0:1 d0:2"], [1])), "hvvhhi");
});

Deno.test("without logs, a process without a digest leaves open what only it can tell", () => {
  const { verdicts, measures } = judgeDigests(
    digestsOf(runOf(["m1 d0:1 d2:1", "d0:1 d2:1", null])),
  );
  assert.equal(verdicts.integrity.outcome, "inconclusive");
  assert.match(verdicts.integrity.reason!, /process 2 left no complete digest/);
  assert.match(verdicts.validity.reason!, /process 2 left no digest/);
  assert.match(verdicts.agreement.reason!, /process 2 left no digest/);
  assert.equal(verdicts.total.outcome, "holds");
  assert.deepEqual([measures.messages, measures.lost], [2, 0]);
  // Whether 2:1 was ever multicast, nobody can say.
  const gap = judgeDigests(digestsOf(runOf(["d2:2", "d2:2", null]))).measures;
  assert.deepEqual([gap.messages, gap.lost, gap.duplicated], [null, null, 0]);
});

Deno.test("without any digest nothing is known", () => {
  const judgement = judgeDigests(digestsOf(runOf([null, null])));
  assert.equal(outcomes(judgement), "iiiiii");
  assert.equal(judgement.deliveredPerSecond, null);
});

Deno.test("without logs, late messages beyond the window make doubtful what they may break", () => {
  const multicast = 70_000;
  const counts = (delivered: number, unplaced: number) => ({
    delivered,
    highest: multicast,
    skips: 1,
    repeated: 0,
    unplaced,
  });
  const digest = (delivered: number, unplaced: number): DigestSummary => ({
    ...digestsOf(runOf(["m1 d0:1"])).digests.get(0)!,
    multicast,
    senders: [counts(delivered, unplaced)],
    firstSkip: { sender: 0, seq: multicast, position: 0 },
  });
  const judged = (summary: DigestSummary) =>
    judgeDigests({ processes: 1, digests: new Map([[0, summary]]), incomplete: new Set() });
  const late = judged(digest(multicast, 2));
  assert.equal(late.verdicts.integrity.outcome, "inconclusive");
  assert.match(late.verdicts.integrity.reason!, /delivered 2 messages so late/);
  assert.equal(late.verdicts.validity.outcome, "inconclusive");
  assert.deepEqual([late.measures.lost, late.measures.duplicated], [null, null]);
  // Even if both came for the first time, one is missing.
  const missing = judged(digest(multicast - 1, 2));
  assert.equal(missing.verdicts.validity.outcome, "violated");
});

Deno.test("messages of one sender alone are in causal order if they are in sequence", () => {
  const one: Outcome = "holds";
  const verdict = (run: Run) => judgeDigests(digestsOf(run)).verdicts.causal.outcome;
  assert.equal(verdict(runOf(["m1 d0:1 m2 d0:2", "d0:1 d0:2"])), one);
  assert.equal(verdict(runOf(["m1 d0:1 m2 d0:2", "d0:2 d0:1"])), "violated");
  assert.equal(verdict(runOf(["m1 d0:1 d1:1", "d0:1 m1 d1:1"])), "inconclusive");
  // Delivered before it is multicast, it is a cause of itself.
  assert.equal(verdict(runOf(["d0:1 d0:2 m1 m2", "d0:1 d0:2"])), "inconclusive");
});
