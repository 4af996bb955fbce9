import assert from "node:assert/strict";
import { formatNumberRange, parseNumberRange } from "../../../src/cli/values/number_range.ts";
import { refuses } from "./refuses.ts";

const BOUNDS = { min: 1, max: 100 };

Deno.test("a range is one whole number, or two with two dots between them", () => {
  for (
    const [text, first, last] of [["3", 3, 3], ["1..5", 1, 5], ["7..7", 7, 7], ["1..100", 1, 100]]
  ) {
    assert.deepEqual(parseNumberRange(String(text), BOUNDS), { first, last });
  }
});

Deno.test("a range is written as it is read", () => {
  for (const text of ["3", "1..5"]) {
    assert.equal(formatNumberRange(parseNumberRange(text, BOUNDS)), text);
  }
  assert.equal(formatNumberRange({ first: 7, last: 7 }), "7");
});

Deno.test("what is no range within the bounds is refused", () => {
  const texts = [
    ..."0 101 5..1 0..5 1..101 1..2..3 1... ..5 1.. .. 1.5 1-5 a 1..b -1..5".split(" "),
    "",
    "1 .. 5",
  ];
  const expected = "expected a whole number from 1 to 100, or a range such as 1..100, got";
  refuses(
    (text) => parseNumberRange(text, BOUNDS),
    Object.fromEntries(texts.map((text) => [text, `${expected} ${JSON.stringify(text)}`])),
  );
});
