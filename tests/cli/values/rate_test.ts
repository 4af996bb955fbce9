import assert from "node:assert/strict";
import fc from "fast-check";
import { formatRate, parseRate } from "../../../src/cli/values/rate.ts";
import { refuses } from "./refuses.ts";

Deno.test("a rate is so many a second, a minute or an hour", () => {
  const cases: Readonly<Record<string, number>> = {
    "2/s": 2,
    "0.5/s": 0.5,
    ".5/s": 0.5,
    "30/min": 0.5,
    "1/h": 1 / 3600,
    "1000/s": 1000,
    "off": 0,
  };
  for (const [text, perSecond] of Object.entries(cases)) {
    assert.equal(parseRate(text), perSecond, text);
  }
});

Deno.test("what is not a rate is refused", () => {
  refuses(parseRate, {
    "2": 'expected a rate such as 2/s, 0.5/s or 30/min, or off, got "2"',
    "on": 'expected a rate such as 2/s, 0.5/s or 30/min, or off, got "on"',
    "0/s": 'expected a rate from 1/h to 1000/s, or off, got "0/s"',
    "1001/s": 'expected a rate from 1/h to 1000/s, or off, got "1001/s"',
    "0.5/h": 'expected a rate from 1/h to 1000/s, or off, got "0.5/h"',
  });
  for (const text of ["", "-1/s", "2/sec", "2 /s", "2/", "/s", "1e3/s", "2/s/s", "OFF", "2/m"]) {
    assert.throws(() => parseRate(text), SyntaxError, text);
  }
});

Deno.test("a formatted rate reads back as the same one", () => {
  assert.equal(formatRate(0), "off");
  assert.equal(formatRate(2), "2/s");
  assert.equal(formatRate(0.5), "30/min");
  assert.equal(formatRate(1 / 3600), "1/h");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom("s", "min", "h"), (n, u) => {
      const perSecond = parseRate(`${n}/${u}`);
      const again = parseRate(formatRate(perSecond));
      assert.ok(Math.abs(again / perSecond - 1) < 1e-6, `${n}/${u}: ${formatRate(perSecond)}`);
    }),
  );
});
