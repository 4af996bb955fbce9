import assert from "node:assert/strict";

import fc from "fast-check";

import {
  formatDuration,
  formatPercentage,
  LONGEST_MS,
  parseDuration,
  parseDurationRange,
  parsePercentage,
} from "../../src/hosts/quantity.ts";

function refuses(parse: (text: string) => unknown, text: string, message: string): void {
  assert.throws(() => parse(text), { name: "SyntaxError", message }, JSON.stringify(text));
}

Deno.test("a duration is read in each unit, with decimals", () => {
  const cases: [string, number][] = [
    ["250ms", 250],
    ["0ms", 0],
    ["0.5ms", 0.5],
    [".5s", 500],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["0.25m", 15_000],
    ["70us", 0.07],
    ["1.1us", 0.0011],
    ["007ms", 7],
    ["2147483647ms", LONGEST_MS],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

Deno.test("what is not a duration is refused with the reason, on one line", () => {
  refuses(parseDuration, "", "A duration is empty: write one such as 250ms");
  refuses(parseDuration, "250", '"250" has no unit: write 250ms or 250s');
  refuses(parseDuration, "0", '"0" has no unit: write 0ms or 0s');
  refuses(parseDuration, "-5ms", '"-5ms" is negative: a duration is 0 or more');
  refuses(parseDuration, "2147483648ms", '"2147483648ms" is too long: use at most 24 days');
  refuses(
    parseDuration,
    `${"9".repeat(400)}s`,
    `"${"9".repeat(400)}s" is too long: use at most 24 days`,
  );
  const strange = [
    "ms",
    "NaN",
    "NaNms",
    "Infinityms",
    "1e3ms",
    "5 ms",
    " 5ms",
    "5ms\n",
    "5,5ms",
    "5.ms",
  ];
  strange.push("5MS", "5h", "5ms5", "+5ms", "0x5ms", "1_000ms", "--5ms", "٥ms", ".ms", "\n");
  for (const text of strange) {
    const hint = "write a number and a unit (us, ms, s, m), such as 250ms";
    refuses(parseDuration, text, `${JSON.stringify(text)} is not a duration: ${hint}`);
  }
});

Deno.test("a range of durations is read, and one duration is a range too", () => {
  assert.deepEqual(parseDurationRange("5-20ms"), { minMs: 5, maxMs: 20 });
  assert.deepEqual(parseDurationRange("500us-2ms"), { minMs: 0.5, maxMs: 2 });
  assert.deepEqual(parseDurationRange("0-0ms"), { minMs: 0, maxMs: 0 });
  assert.deepEqual(parseDurationRange("0ms"), { minMs: 0, maxMs: 0 });
});

Deno.test("a bad range is refused", () => {
  refuses(parseDurationRange, "20-5ms", 'The range "20-5ms" begins above its end');
  refuses(parseDurationRange, "5-20", '"20" has no unit: write 20ms or 20s');
  refuses(parseDurationRange, "-5ms", '"-5ms" is negative: a duration is 0 or more');
  for (const text of ["", "-", "5ms-", "5-", "5ms--6ms", "a-6ms", "1-2-3ms"]) {
    assert.throws(() => parseDurationRange(text), SyntaxError, text);
  }
});

Deno.test("a duration is written in the unit that suits its size", () => {
  const cases: [number, string][] = [
    [0, "0ms"],
    [0.000_000_1, "0ms"],
    [0.07, "70us"],
    [0.15, "150us"],
    [1, "1ms"],
    [36.25, "36.25ms"],
    [999.5, "999.5ms"],
    [1500, "1.5s"],
    [59_999, "59.999s"],
    [60_000, "1m"],
    [90_000, "90s"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

Deno.test("a duration of whole nanoseconds is read as it was written", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: LONGEST_MS * 1000 }), (microseconds) => {
    const ms = Number(`${microseconds}e-3`);
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }));
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), (nanoseconds) => {
    const ms = Number(`${nanoseconds}e-6`);
    assert.equal(parseDuration(formatDuration(ms)), ms);
  }));
});

Deno.test("a percentage is read as a share, with decimals", () => {
  const cases: [string, number][] = [
    ["1%", 0.01],
    ["0%", 0],
    ["100%", 1],
    ["100.00%", 1],
    ["0.7%", 0.007],
    [".5%", 0.005],
    ["33.3%", 0.333],
  ];
  for (const [text, share] of cases) assert.equal(parsePercentage(text), share, text);
});

Deno.test("what is not a percentage is refused with the reason, on one line", () => {
  refuses(parsePercentage, "", "A percentage is empty: write one such as 1%");
  refuses(parsePercentage, "0.01", '"0.01" has no percent sign: write 1% for a share of 0.01');
  refuses(parsePercentage, "5", '"5" has no percent sign: write 5%');
  refuses(parsePercentage, "100.1%", '"100.1%" is more than 100%');
  refuses(parsePercentage, "-1%", '"-1%" is negative: a percentage is from 0% to 100%');
  for (const text of ["%", "NaN%", "1e1%", "1 %", "1%%", "1%\n", "ten%"]) {
    assert.throws(() => parsePercentage(text), {
      name: "SyntaxError",
      message: /is not a percentage/,
    });
  }
});

Deno.test("a percentage is read as it was written", () => {
  assert.equal(formatPercentage(0.07), "7%");
  assert.equal(formatPercentage(1 / 3), "33.333333%");
  assert.equal(formatPercentage(1e-8), "0.000001%");
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e8 }), (hundredMillionths) => {
    const share = Number(`${hundredMillionths}e-8`);
    assert.equal(parsePercentage(formatPercentage(share)), share);
  }));
});

Deno.test("only durations and shares are written", () => {
  for (const value of [-1, NaN, Infinity]) {
    assert.throws(() => formatDuration(value), RangeError);
    assert.throws(() => formatPercentage(value), RangeError);
  }
  assert.throws(() => formatPercentage(1.01), RangeError);
});

Deno.test("no text whatsoever makes a parser throw anything but a SyntaxError of one line", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[-.0-9]{0,6}[a-z%]{0,2}$/),
  );
  fc.assert(fc.property(text, (text) => {
    for (const parse of [parseDuration, parseDurationRange, parsePercentage]) {
      try {
        parse(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError && !error.message.includes("\n"), text);
      }
    }
  }));
});
