/**
 * Seeded random numbers that are the same on every machine: a seed replays a run.
 *
 * Only integers, `+ - * /` and comparisons are used, which IEEE 754 defines to the last bit.
 * `Math.log` and its like are not: engines may differ in them.
 *
 * ```ts
 * import { Random } from "./random.ts";
 *
 * const random = new Random([42, 0, 1]); // seed 42, from process 0 to process 1
 * const die = 1 + random.below(6);
 * console.assert(die >= 1 && die <= 6);
 * console.assert(new Random(42).fork(0, 1).uint32() === new Random([42, 0, 1]).uint32());
 * ```
 *
 * @module
 */

import { splitMix64, Xoshiro128 } from "./xoshiro128.ts";

const TWO_32 = 2 ** 32;
const TWO_MINUS_53 = 2 ** -53;

/** A stream of random numbers, wholly determined by the words it was made from. Not for secrets. */
export class Random {
  /** Forks start from the words, so it doesn't matter for them how much has been drawn before. */
  readonly #words: readonly number[];
  readonly #generator: Xoshiro128;

  /**
   * @param seed A safe integer, or several whose order matters, such as seed, sender, receiver.
   *   Lists that differ in one word always give different streams.
   * @throws {RangeError} If there is no word, or one is not a safe integer.
   */
  constructor(seed: number | readonly number[]) {
    this.#words = typeof seed === "number" ? [seed] : [...seed];
    this.#generator = Xoshiro128.seeded(mix(this.#words));
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    return this.#generator.next();
  }

  /** A number in [0, 1), a multiple of 2^-53. */
  float(): number {
    const high = this.#generator.next() >>> 5;
    const low = this.#generator.next() >>> 6;
    return (high * 0x4000000 + low) * TWO_MINUS_53;
  }

  /**
   * An integer from 0 to `bound - 1`, each exactly as likely as the others: numbers of the last,
   * incomplete span of `bound` numbers below 2^32 are drawn again.
   *
   * @throws {RangeError} If the bound is not an integer from 1 to 2^32.
   */
  below(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= TWO_32)) {
      throw new RangeError(`The bound must be an integer from 1 to 2^32, not ${bound}`);
    }
    for (;;) {
      const drawn = this.#generator.next();
      const result = drawn % bound;
      if (drawn - result <= TWO_32 - bound) return result;
    }
  }

  /**
   * A number in [min, max), or `min` where the two are equal.
   *
   * @throws {RangeError} If `min` is above `max`, or one is not finite.
   */
  between(min: number, max: number): number {
    const width = max - min;
    if (!(width >= 0 && width < Infinity)) {
      throw new RangeError(`Not a range of numbers: ${min} to ${max}`);
    }
    const result = min + width * this.float();
    return result < max ? result : min; // rounding may reach max
  }

  /**
   * True with the given probability; 0 is never and 1 is always. One number is drawn either way.
   *
   * @throws {RangeError} If the probability is not between 0 and 1.
   */
  chance(probability: number): boolean {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`A probability is between 0 and 1, not ${probability}`);
    }
    return this.float() < probability;
  }

  /**
   * An exponentially distributed number with the given mean: the time from one event to the next
   * of a Poisson process.
   *
   * Von Neumann's comparison method, which needs no logarithm: von Neumann, Various Techniques
   * Used in Connection with Random Digits, 1951; analysed in Forsythe, Mathematics of Computation
   * 26(120), 1972. Numbers are drawn while they fall. The length of the falling run that begins
   * with x is odd with probability e^-x: then x is the fractional part; otherwise the integer part
   * grows by 1. It takes e²/(e - 1) = 4.3 numbers on average.
   *
   * @throws {RangeError} If the mean is negative or not finite.
   */
  exponential(mean: number): number {
    if (!(mean >= 0 && mean < Infinity)) {
      throw new RangeError(`A mean is 0 or more and finite, not ${mean}`);
    }
    for (let whole = 0;; whole++) {
      const first = this.float();
      let previous = first;
      let isOdd = true;
      for (let next = this.float(); next < previous; next = this.float()) {
        previous = next;
        isOdd = !isOdd;
      }
      if (isOdd) return mean * (whole + first);
    }
  }

  /**
   * A stream of its own for each list of labels: `new Random(seed).fork(a, b)` is
   * `new Random([seed, a, b])`. What has been drawn from this stream makes no difference to the
   * fork, and the fork makes none to this stream.
   *
   * @throws {RangeError} If there is no label, or one is not a safe integer.
   */
  fork(...labels: readonly number[]): Random {
    if (labels.length === 0) throw new RangeError("A fork needs a label");
    return new Random([...this.#words, ...labels]);
  }
}

/** One 64-bit seed for all words. A single word is its own seed; each further one is combined with
 * the scrambled rest, which is a bijection in every word. */
function mix(words: readonly number[]): bigint {
  let seed: bigint | undefined;
  for (const word of words) {
    if (!Number.isSafeInteger(word)) throw new RangeError(`A seed is a safe integer, not ${word}`);
    const bits = BigInt.asUintN(64, BigInt(word));
    seed = seed === undefined ? bits : splitMix64(seed) ^ bits;
  }
  if (seed === undefined) throw new RangeError("A seed needs at least one integer");
  return seed;
}
