/**
 * Segments of one process that have been received and not yet delivered: first in, first out.
 *
 * @module
 */

import { SegmentRing } from "./segment_ring.ts";

/** A queue of bounded length; no object is made for any segment. Its head may only be looked at
 * while there is one. */
export class SegmentQueue {
  /** The most segments that it holds. */
  readonly limit: number;
  readonly #ring: SegmentRing;
  /** The queue holds the segments `#first` to `#first + #count - 1`. */
  #first = 1;
  #count = 0;

  /** Holds at most `limit` segments, a power of two. */
  constructor(limit: number) {
    this.limit = limit;
    this.#ring = new SegmentRing(limit);
  }

  /** How many segments it holds. */
  get count(): number {
    return this.#count;
  }

  /** For how many more there is room. */
  get room(): number {
    return this.limit - this.#count;
  }

  /** The number of the head. */
  get seq(): number {
    return this.#first;
  }

  /** The number of the last segment. */
  get lastSeq(): number {
    return this.#first + this.#count - 1;
  }

  /** The head's Lamport timestamp. */
  get time(): number {
    return this.#ring.timeAt(this.#first);
  }

  /** The head's kind. */
  get kind(): number {
    return this.#ring.kindAt(this.#first);
  }

  /** The head's payload. */
  get payload(): Uint8Array {
    return this.#ring.payloadAt(this.#first);
  }

  /** Appends a segment: `seq` is one more than that of the one before. There must be room. */
  push(seq: number, time: number, kind: number, payload: Uint8Array): void {
    if (this.#count === 0) this.#first = seq;
    this.#ring.put(this.#first, seq, time, kind, payload);
    this.#count++;
  }

  /** Takes the head out. */
  pop(): void {
    this.#ring.drop(this.#first);
    this.#first++;
    this.#count--;
  }
}
