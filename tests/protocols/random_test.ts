import assert from "node:assert/strict";

import fc from "fast-check";

import { Random } from "../../src/protocols/random.ts";
import { splitMix64, Xoshiro128 } from "../../src/protocols/xoshiro128.ts";

const GAMMA = 0x9e3779b97f4a7c15n;

function draw<Value>(count: number, next: () => Value): Value[] {
  return Array.from({ length: count }, next);
}

Deno.test("xoshiro128** gives out what the reference implementation does", () => {
  const counting = new Xoshiro128(1, 2, 3, 4);
  assert.deepEqual(draw(10, () => counting.next()), [
    11520,
    0,
    5927040,
    70819200,
    2031721883,
    1637235492,
    1287239034,
    3734860849,
    3729100597,
    4258142804,
  ]);
  const highBits = new Xoshiro128(0xffffffff, 0x12345678, 0x9abcdef0, 0x0fedcba9);
  assert.deepEqual(draw(5, () => highBits.next()), [
    2576977301,
    4294964986,
    3292631909,
    1466622816,
    1840212533,
  ]);
});

Deno.test("SplitMix64 gives out what the reference implementation does", () => {
  assert.deepEqual([0n, 1n, 2n, 3n, 4n].map((step) => splitMix64(1234567n + step * GAMMA)), [
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

Deno.test("a state of zeros, which would give zeros for ever, is a broken invariant", () => {
  assert.throws(() => new Xoshiro128(0, 2 ** 32, 0, 0), { name: "BrokenInvariant" });
});

Deno.test("a seed fills the state with SplitMix64, the low half of each output first", () => {
  const random = new Random(42); // the numbers come from the two reference programs in C
  assert.deepEqual(draw(5, () => random.uint32()), [
    1776835114,
    4165204688,
    17111135,
    2317295270,
    2792088233,
  ]);
});

Deno.test("every kind of number is the same on every machine", () => {
  const random = new Random([2026, -1, 2 ** 53 - 1]);
  const numbers = [
    random.float(),
    random.below(1000),
    random.between(-5, 5),
    random.exponential(100),
    random.exponential(100),
    Number(random.chance(0.5)),
  ];
  // An independent implementation in Python, with integers of any size, gives the same.
  assert.deepEqual(numbers, [
    0.9230256540296476,
    756,
    -2.23574143438964,
    76.67679564724702,
    45.275745742072324,
    1,
  ]);
});

Deno.test("seeds that differ in one word, in their order or in their length give other streams", () => {
  const seeds = [0, 1, -1, 2 ** 32, [1, 0], [0, 1], [1, 0, 0], [1, 2, 3], [1, 3, 2], [
    2,
    1,
    3,
  ]];
  const streams = seeds.map((seed) => {
    const random = new Random(seed);
    return draw(4, () => random.uint32()).join();
  });
  assert.equal(new Set(streams).size, seeds.length);
});

Deno.test("a list of one word is that word", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (seed) => {
    assert.equal(new Random([seed]).uint32(), new Random(seed).uint32());
  }));
});

Deno.test("a fork depends on the seed and its labels, not on what was drawn before", () => {
  const fresh = new Random(7);
  const used = new Random(7);
  draw(100, () => used.float());
  const expected = new Random([7, 1, 2]).uint32();
  assert.equal(fresh.fork(1, 2).uint32(), expected);
  assert.equal(used.fork(1, 2).uint32(), expected);
  assert.equal(used.fork(1).fork(2).uint32(), expected);
  assert.notEqual(used.fork(2, 1).uint32(), expected);
});

Deno.test("forking leaves the stream as it was", () => {
  const forked = new Random(7);
  forked.fork(1).uint32();
  assert.equal(forked.uint32(), new Random(7).uint32());
});

Deno.test("neighbouring streams are not correlated", () => {
  const count = 10_000;
  const a = new Random([1, 0, 1]);
  const b = new Random([1, 0, 2]);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (a.float() - 0.5) * (b.float() - 0.5);
  const correlation = sum / count * 12;
  assert.ok(Math.abs(correlation) < 5 / Math.sqrt(count), `correlation ${correlation}`);
});

Deno.test("float is uniform in [0, 1) and uses 53 bits", () => {
  const random = new Random(3);
  const buckets = new Array<number>(64).fill(0);
  let fine = 0;
  for (let i = 0; i < 64_000; i++) {
    const value = random.float();
    assert.ok(value >= 0 && value < 1);
    assert.ok(Number.isInteger(value * 2 ** 53));
    if (!Number.isInteger(value * 2 ** 52)) fine++;
    buckets[Math.floor(value * 64)]!++;
  }
  assert.ok(chiSquare(buckets) < 120, `chi-square ${chiSquare(buckets)} of 63 degrees`); // p = 2e-5
  assert.ok(Math.abs(fine - 32_000) < 700, `${fine} of 64000 have their lowest bit set`);
});

Deno.test("below is uniform, for bounds that don't divide 2^32 too", () => {
  for (const bound of [2, 6, 7, 100, 3 * 2 ** 30]) {
    const random = new Random([bound, 1]);
    const parts = Math.min(bound, 6);
    const buckets = new Array<number>(parts).fill(0);
    for (let i = 0; i < 12_000; i++) {
      const value = random.below(bound);
      assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
      buckets[value % parts]!++;
    }
    // Of the numbers below 100, 17 leave the remainder 0 when divided by 6, and 16 leave 5.
    const expected = buckets.map((_, part) => Math.ceil((bound - part) / parts) / bound * 12_000);
    assert.ok(chiSquare(buckets, expected) < 35, `bound ${bound}: ${buckets}`);
  }
});

Deno.test("below draws again what would favour small numbers", () => {
  // Of 2^32 numbers, 3 * 2^30 leave 2^30 over, that is, a quarter. Without drawing again, the lower
  // third of the results would come up half of the time.
  const random = new Random(5);
  const low =
    draw(30_000, () => random.below(3 * 2 ** 30)).filter((value) => value < 2 ** 30).length;
  assert.ok(Math.abs(low - 10_000) < 500, `${low} of 30000 in the lower third`);
});

Deno.test("below takes every bound from 1 to 2^32 and no other", () => {
  const random = new Random(5);
  assert.equal(random.below(1), 0);
  assert.ok(draw(20, () => random.below(2 ** 32)).some((value) => value >= 2 ** 31));
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1, NaN, Infinity]) {
    assert.throws(() => random.below(bound), RangeError);
  }
});

Deno.test("between stays in its range, whatever rounding does", () => {
  const bound = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
  fc.assert(fc.property(fc.integer(), bound, bound, (seed, a, b) => {
    const [min, max] = a < b ? [a, b] : [b, a];
    const value = new Random(seed).between(min, max);
    assert.ok(value >= min && (value < max || min === max));
  }));
  const neighbours = new Random(1);
  const next = 1 + Number.EPSILON;
  assert.ok(draw(50, () => neighbours.between(1, next)).every((value) => value === 1));
  assert.throws(() => neighbours.between(2, 1), RangeError);
  assert.throws(() => neighbours.between(0, Infinity), RangeError);
});

Deno.test("chance happens as often as it is told to, never at 0 and always at 1", () => {
  const random = new Random(9);
  for (const probability of [0, 0.01, 0.5, 0.99, 1]) {
    const happened = draw(20_000, () => random.chance(probability)).filter(Boolean).length;
    const deviation = Math.sqrt(20_000 * probability * (1 - probability));
    assert.ok(Math.abs(happened - 20_000 * probability) <= 5 * deviation, `${happened}`);
  }
  for (const probability of [-0.1, 1.1, NaN]) {
    assert.throws(() => random.chance(probability), RangeError);
  }
});

Deno.test("exponential numbers have the exponential distribution", () => {
  const count = 20_000;
  const random = new Random(11);
  const values = draw(count, () => random.exponential(250)).sort((a, b) => a - b);
  let distance = 0;
  for (const [index, value] of values.entries()) {
    const expected = 1 - Math.exp(-value / 250);
    distance = Math.max(distance, Math.abs(expected - index / count));
  }
  // Kolmogorov and Smirnov: beyond 2.2 / sqrt(n) with probability 1.2e-4.
  assert.ok(distance < 2.2 / Math.sqrt(count), `distance ${distance}`);
  assert.ok(values[0]! >= 0);
});

Deno.test("an exponential number with mean 0 is 0, and a bad mean is refused", () => {
  assert.equal(new Random(1).exponential(0), 0);
  for (const mean of [-1, NaN, Infinity]) {
    assert.throws(() => new Random(1).exponential(mean), RangeError);
  }
});

Deno.test("a seed is one or more safe integers", () => {
  for (const seed of [0.5, NaN, Infinity, 2 ** 53, [], [1, 0.5]]) {
    assert.throws(() => new Random(seed), RangeError);
  }
  assert.throws(() => new Random(1).fork(), RangeError);
  assert.throws(() => new Random(1).fork(0.1), RangeError);
});

Deno.test("the list of seeds may change after the stream was made", () => {
  const words = [1, 2];
  const random = new Random(words);
  words[0] = 9;
  assert.equal(random.fork(3).uint32(), new Random([1, 2, 3]).uint32());
});

function chiSquare(
  counts: readonly number[],
  expected: readonly number[] = counts.map(() =>
    counts.reduce((sum, count) => sum + count) / counts.length
  ),
): number {
  return counts.reduce((sum, count, index) => {
    const mean = expected[index]!;
    return sum + (count - mean) ** 2 / mean;
  }, 0);
}
