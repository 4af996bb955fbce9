import assert from "node:assert/strict";
import { formatRunFacts, parseRunFacts, type RunFacts } from "../../src/history/run_facts.ts";

const FACTS: RunFacts = {
  processes: 3,
  incomplete: new Set([2, 1]),
  latencyOf: "last-delivery",
  metadata: { seed: 7, topology: "aws-2020" },
};

Deno.test("the facts of a run come back as they were", () => {
  assert.deepEqual(parseRunFacts(formatRunFacts(FACTS)), {
    ...FACTS,
    incomplete: new Set([1, 2]),
  });
});

Deno.test("metadata does not override the facts", () => {
  const text = formatRunFacts({ ...FACTS, metadata: { processes: 99 } });
  assert.equal(parseRunFacts(text).processes, 3);
});

Deno.test("facts that make no sense are refused with the reason", () => {
  const cases: [text: string, reason: string][] = [
    ["{", "Not JSON"],
    ["[]", "Not a JSON object"],
    ["{}", '"processes" is not a whole number from 1 to 65536'],
    ['{"processes":1e9}', '"processes" is not a whole number from 1 to 65536'],
    ['{"processes":2}', '"incomplete" is not a list of process numbers below 2'],
    ['{"processes":2,"incomplete":[2]}', '"incomplete" is not a list of process numbers below 2'],
    ['{"processes":2,"incomplete":[-1]}', '"incomplete" is not a list of process numbers below 2'],
    [
      '{"processes":2,"incomplete":[],"latencyOf":"mine"}',
      '"latencyOf" is neither "last-delivery" nor "own-delivery"',
    ],
  ];
  for (const [text, reason] of cases) assert.throws(() => parseRunFacts(text), { message: reason });
});
