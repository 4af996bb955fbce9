/**
 * Which of the last million requests was answered already: a hash table of constant size, which
 * forgets the oldest by itself.
 *
 * It keeps 20 bytes a request and no object, so that it costs the same at any load. Requests that
 * share a slot form a chain from the latest back, as in a compressor's window: an entry is followed
 * only while it is younger than what the window has forgotten.
 *
 * @module
 */

/** So many answers are remembered unless told otherwise; a power of two. */
export const ANSWERS_KEPT = 2 ** 20;

/** Hashes of requests by the number of their answer, which counts from 1. */
export class AnswerIndex {
  readonly #mask: number;
  readonly #seed: number;
  /** The latest answer of each slot; 0 if there is none. */
  readonly #latest: Float64Array;
  /** The answer before it in the same slot, by answer. */
  readonly #before: Float64Array;
  readonly #hashes: Uint32Array;
  #last = 0;

  /** @param capacity How many answers it remembers: a power of two.
   * @param seed What makes its hashes hard to guess. */
  constructor(capacity: number, seed: number) {
    this.#mask = capacity - 1;
    this.#seed = seed;
    this.#latest = new Float64Array(capacity);
    this.#before = new Float64Array(capacity);
    this.#hashes = new Uint32Array(capacity);
  }

  /** Notes that answer number `answer`, the highest so far, was to this request. */
  add(answer: number, request: string): void {
    const hash = this.#hash(request);
    const slot = hash & this.#mask;
    this.#hashes[answer & this.#mask] = hash;
    this.#before[answer & this.#mask] = this.#latest[slot]!;
    this.#latest[slot] = answer;
    this.#last = answer;
  }

  /** The latest answer for which `isSame` holds, among those that may have been to this request;
   * undefined if there is none. */
  find(request: string, isSame: (answer: number) => boolean): number | undefined {
    const hash = this.#hash(request);
    const forgotten = this.#last - this.#mask - 1;
    let answer = this.#latest[hash & this.#mask]!;
    while (answer > 0 && answer > forgotten) {
      if (this.#hashes[answer & this.#mask] === hash && isSame(answer)) return answer;
      answer = this.#before[answer & this.#mask]!;
    }
    return undefined;
  }

  /** FNV-1a over UTF-16 units, and a finish that mixes the upper bits into the lower ones. */
  #hash(text: string): number {
    let hash = this.#seed;
    for (let i = 0; i < text.length; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    return (hash ^ (hash >>> 13)) >>> 0;
  }
}
