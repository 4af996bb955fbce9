import assert from "node:assert/strict";
import fc from "fast-check";
import { judge } from "../../src/checkers/judge.ts";
import { PROPERTIES } from "../../src/checkers/verdict.ts";
import { REFERENCE, referenceMeasures, ReferenceRun } from "./reference.ts";
import { describeSample, samples } from "./random_runs.ts";
import { assertProof } from "./witness.ts";

for (const property of PROPERTIES) {
  Deno.test(`${property} is judged as its definition says, and its witness is a proof`, () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { run, damaged } = sample;
        const verdict = judge(run, { damaged }).verdicts[property];
        const expected = REFERENCE[property](new ReferenceRun(run, damaged));
        assert.equal(verdict.outcome, expected, describeSample(sample));
        assert.equal(verdict.property, property);
        assert.equal(verdict.witness !== null, verdict.outcome === "violated");
        assert.equal(verdict.reason !== null, verdict.outcome === "inconclusive");
        if (verdict.witness !== null) assertProof(run, verdict.witness, damaged);
      }),
      { numRuns: 1500 },
    );
  });

  Deno.test(`the random runs bring all three outcomes of ${property}`, () => {
    const outcomes = fc.sample(samples, { seed: 7, numRuns: 600 })
      .map(({ run, damaged }) => REFERENCE[property](new ReferenceRun(run, damaged)));
    for (const outcome of ["holds", "violated", "inconclusive"] as const) {
      const count = outcomes.filter((other) => other === outcome).length;
      assert.ok(count >= 10, `${outcome} only ${count} times`);
    }
  });
}

Deno.test("the random runs bring circles that no pair of processes shows", () => {
  const sizes = fc.sample(samples, { seed: 7, numRuns: 3000 })
    .map(({ run }) => judge(run).verdicts.total.witness?.processes.length ?? 0);
  assert.ok(sizes.filter((size) => size >= 6).length >= 5);
});

Deno.test("the measures are what counting by hand gives", () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const { run, damaged } = sample;
      const expected = referenceMeasures(new ReferenceRun(run, damaged));
      assert.deepEqual(judge(run, { damaged }).measures, expected, describeSample(sample));
    }),
    { numRuns: 1500 },
  );
});
