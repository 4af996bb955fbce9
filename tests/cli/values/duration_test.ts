import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatInterval,
  parseBoundedDuration,
  parseInterval,
} from "../../../src/cli/values/duration.ts";
import { refuses } from "./refuses.ts";

const HOUR_MS = 3_600_000;

Deno.test("an interval is one duration or a range of two", () => {
  const cases: Readonly<Record<string, readonly [minMs: number, maxMs: number]>> = {
    "10ms": [10, 10],
    "0ms": [0, 0],
    "1s": [1000, 1000],
    "5-20ms": [5, 20],
    "5ms-1s": [5, 1000],
    "0-1ms": [0, 1],
    "500us-2ms": [0.5, 2],
    "20-20ms": [20, 20],
    "60m": [HOUR_MS, HOUR_MS],
  };
  for (const [text, [minMs, maxMs]] of Object.entries(cases)) {
    assert.deepEqual(parseInterval(text, HOUR_MS), { minMs, maxMs }, text);
  }
});

Deno.test("what is not an interval within its bound is refused", () => {
  refuses((text) => parseInterval(text, HOUR_MS), {
    "5": '"5" has no unit: write 5ms or 5s',
    "20-5ms": 'The range "20-5ms" begins above its end',
    "61m": 'expected a duration from 0ms to 60m, got "61m"',
    "0ms-61m": 'expected a duration from 0ms to 60m, got "0ms-61m"',
  });
  for (
    const text of ["", "-", "5-", "-5ms", "5-20", "5ms-", "5ms-20ms-30ms", "ms", "1 s", "NaNms"]
  ) {
    assert.throws(() => parseInterval(text, HOUR_MS), SyntaxError, text);
  }
});

Deno.test("a formatted interval reads back as the same one", () => {
  // Microseconds: finer ones are rounded when they are formatted.
  const ms = fc.integer({ min: 0, max: HOUR_MS * 1000 }).map((us) => us / 1000);
  fc.assert(fc.property(ms, ms, (a, b) => {
    const range = { minMs: Math.min(a, b), maxMs: Math.max(a, b) };
    assert.deepEqual(parseInterval(formatInterval(range), HOUR_MS), range);
  }));
  assert.equal(formatInterval({ minMs: 5, maxMs: 20 }), "5-20ms");
  assert.equal(formatInterval({ minMs: 5, maxMs: 1000 }), "5ms-1s");
  assert.equal(formatInterval({ minMs: 10, maxMs: 10 }), "10ms");
});

Deno.test("a duration out of its bounds is refused", () => {
  const bounds = { minMs: 1, maxMs: 60_000 };
  assert.equal(parseBoundedDuration("1ms", bounds), 1);
  assert.equal(parseBoundedDuration("1m", bounds), 60_000);
  refuses((text) => parseBoundedDuration(text, bounds), {
    "0ms": 'expected a duration from 1ms to 1m, got "0ms"',
    "61s": 'expected a duration from 1ms to 1m, got "61s"',
  });
});
