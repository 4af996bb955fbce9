import assert from "node:assert/strict";
import fc from "fast-check";
import { RoundTrip } from "../../src/protocols/round_trip.ts";

function measured(...samples: number[]): RoundTrip {
  const roundTrip = new RoundTrip();
  for (const ms of samples) roundTrip.sample(ms);
  return roundTrip;
}

Deno.test("before the first measurement 200 ms are assumed", () => {
  const roundTrip = new RoundTrip();
  assert.equal(roundTrip.smoothedMs, 200);
  assert.equal(roundTrip.timeoutMs(), 200);
});

Deno.test("the first measurement is taken whole, half of it as deviation (RFC 6298, 2.2)", () => {
  const roundTrip = measured(80);
  assert.equal(roundTrip.smoothedMs, 80);
  assert.equal(roundTrip.timeoutMs(), 80 + 4 * 40);
});

Deno.test("later ones move the deviation by a quarter and the mean by an eighth (2.3)", () => {
  const roundTrip = measured(80, 120);
  const deviation = 0.75 * 40 + 0.25 * 40; // |80 - 120| = 40, before the mean moves
  assert.equal(roundTrip.smoothedMs, 0.875 * 80 + 0.125 * 120);
  assert.equal(roundTrip.timeoutMs(), 85 + 4 * deviation);
});

Deno.test("a measurement below a quarter of the mean is taken whole, as if it were the first", () => {
  const restarted = measured(80, 19.9);
  assert.equal(restarted.smoothedMs, 19.9);
  assert.equal(restarted.timeoutMs(), 19.9 + 4 * (19.9 / 2));
  const averaged = measured(80, 20);
  assert.equal(averaged.smoothedMs, 0.875 * 80 + 0.125 * 20);
});

Deno.test("a round trip of seconds, measured while a process stood still, is forgotten at once", () => {
  const roundTrip = measured(8000, 8000, 8000, 1, 1);
  assert.ok(roundTrip.timeoutMs() < 4, `${roundTrip.timeoutMs()} ms`);
});

Deno.test("else the estimate is the textbook formula, in any sequence", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 1 }), (
    samples,
  ) => {
    const roundTrip = measured(...samples);
    let [mean, deviation] = [samples[0]!, samples[0]! / 2];
    for (const ms of samples.slice(1)) {
      if (ms < mean / 4) {
        [mean, deviation] = [ms, ms / 2];
        continue;
      }
      deviation = 0.75 * deviation + 0.25 * Math.abs(mean - ms);
      mean = 0.875 * mean + 0.125 * ms;
    }
    const timeout = Math.max(2, mean + Math.max(4 * deviation, 1));
    assert.ok(Math.abs(roundTrip.smoothedMs - mean) < 1e-6);
    assert.ok(Math.abs(roundTrip.timeoutMs() - timeout) < 1e-6);
  }));
});

Deno.test("a steady path is waited for a millisecond longer, and never less than 2 ms", () => {
  const steady = (ms: number) => measured(...new Array<number>(200).fill(ms));
  assert.ok(Math.abs(steady(40).timeoutMs() - 41) < 0.01);
  assert.equal(steady(0).timeoutMs(), 2);
  assert.equal(steady(0.2).timeoutMs(), 2);
});

Deno.test("each failed attempt doubles the timeout, up to a second", () => {
  const roundTrip = measured(40);
  const base = roundTrip.timeoutMs();
  const timeouts = [0, 1, 2, 3, 4, 5, 2000].map((failures) => roundTrip.timeoutMs(failures));
  assert.deepEqual(timeouts, [base, 2 * base, 4 * base, 8 * base, 1000, 1000, 1000]);
  const fast = measured(...new Array<number>(200).fill(0));
  assert.deepEqual([0, 1, 2].map((failures) => fast.timeoutMs(failures)), [2, 4, 8]);
});

Deno.test("on a path slower than a second, failed attempts double the timeout once", () => {
  const slow = measured(1500); // and 750 ms of deviation
  assert.deepEqual([0, 1, 2, 9].map((failures) => slow.timeoutMs(failures)), [
    4500,
    9000,
    9000,
    9000,
  ]);
  const middling = measured(250);
  assert.deepEqual([0, 1, 2].map((failures) => middling.timeoutMs(failures)), [750, 1500, 1500]);
});

Deno.test("a gap may be overtaking for two deviations, within 1 ms and half a round trip", () => {
  assert.equal(measured(0.4).reorderingMs, 1);
  assert.equal(measured(80).reorderingMs, 40);
  assert.equal(measured(80, 80).reorderingMs, 40, "two deviations would be 60");
  const steadier = measured(80, 80, 80, 80);
  assert.ok(Math.abs(steadier.reorderingMs - 2 * 40 * 0.75 ** 3) < 1e-9);
  assert.equal(new RoundTrip().reorderingMs, 1, "nothing is known: ask soon");
});

Deno.test("after a timeout, the first timeout stays doubled until a measurement (Karn, Partridge)", () => {
  const roundTrip = measured(40);
  const base = roundTrip.timeoutMs();
  roundTrip.expire();
  roundTrip.expire();
  assert.equal(roundTrip.firstTimeoutMs, 4 * base);
  assert.equal(roundTrip.timeoutMs(), base, "what is asked for has its own attempts");
  roundTrip.sample(40);
  assert.equal(roundTrip.firstTimeoutMs, roundTrip.timeoutMs());
});
