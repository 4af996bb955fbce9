/**
 * A fingerprint of everything that happens in a run: two runs with the same hash did the same.
 *
 * It mixes 32-bit words as MurmurHash3 does (Austin Appleby, public domain), in two lanes with
 * different constants. Integer arithmetic alone: the same on every machine.
 *
 * @module
 */

/** A hash that grows word by word. */
export class TraceHash {
  #a = 0x9747b28c | 0;
  #b = 0x3c6ef372 | 0;
  #words = 0;

  /** Takes in a non-negative integer up to 2^53. */
  add(value: number): void {
    this.#mix(value | 0);
    if (value > 0xffff_ffff) this.#mix(Math.floor(value / 2 ** 32) | 0);
  }

  /** Takes in the hash of another trace. */
  addHash(hex: string): void {
    this.add(parseInt(hex.slice(0, 8), 16));
    this.add(parseInt(hex.slice(8), 16));
  }

  /** 16 hexadecimal digits. */
  get hex(): string {
    return hex32(finish(this.#a ^ this.#words)) + hex32(finish(this.#b ^ this.#words));
  }

  #mix(word: number): void {
    this.#words++;
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    const a = this.#a ^ k;
    this.#a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    const b = this.#b ^ Math.imul(word, 0x85ebca6b);
    this.#b = (Math.imul((b << 17) | (b >>> 15), 0x9e3779b1) + 0x7feb352d) | 0;
  }
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
