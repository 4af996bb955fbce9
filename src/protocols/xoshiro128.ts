/**
 * The generator xoshiro128** 1.1 and its seeding by SplitMix64.
 *
 * Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators. ACM Transactions on
 * Mathematical Software 47(4), 2021; reference code at https://prng.di.unimi.it/xoshiro128starstar.c
 * and https://prng.di.unimi.it/splitmix64.c. Period 2^128 - 1; it passes BigCrush. It needs nothing
 * but 32-bit integer arithmetic, so its output is the same on every machine and engine.
 *
 * Not for secrets: whoever sees four numbers knows all that follow.
 *
 * @module
 */

import { assert } from "./assert.ts";

const GAMMA = 0x9e3779b97f4a7c15n;

/** Four 32-bit words of state and the step from one number to the next. */
export class Xoshiro128 {
  // Invariant: signed 32-bit integers, never all zero (zero would be followed by zeros for ever).
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** A generator in a given state; only the low 32 bits of each word count, and not all may be 0. */
  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
    assert((this.#a | this.#b | this.#c | this.#d) !== 0, "the state is not all zero");
  }

  /** A generator whose state is the first two outputs of SplitMix64, as its authors recommend.
   * Different seeds (64 bits) give different states, because SplitMix64 steps are bijective. */
  static seeded(seed: bigint): Xoshiro128 {
    const low = splitMix64(seed);
    const high = splitMix64(seed + GAMMA);
    return new Xoshiro128(
      Number(BigInt.asIntN(32, low)),
      Number(BigInt.asIntN(32, low >> 32n)),
      Number(BigInt.asIntN(32, high)),
      Number(BigInt.asIntN(32, high >> 32n)),
    );
  }

  /** The next number, an integer from 0 to 2^32 - 1. */
  next(): number {
    const b = this.#b;
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const c = this.#c ^ this.#a;
    const d = this.#d ^ b;
    this.#b = b ^ c;
    this.#a ^= d;
    this.#c = c ^ (b << 9);
    this.#d = (d << 11) | (d >>> 21);
    return result;
  }
}

/** What SplitMix64 in the state `seed` gives out first: a bijection of 64-bit integers in which
 * every bit of the seed changes about half of the result's. */
export function splitMix64(seed: bigint): bigint {
  let z = BigInt.asUintN(64, seed + GAMMA);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
