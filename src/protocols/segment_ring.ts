/**
 * Segments by sequence number, in a ring of columns that grows as needed.
 *
 * @module
 */

/** Holds segments whose numbers lie within a window; no object is made for any of them. */
export class SegmentRing {
  readonly #maxCapacity: number;
  #mask: number;
  /** Which segment each place was last filled with. */
  #seqs: Float64Array;
  #times: Float64Array;
  #kinds: Uint8Array;
  #payloads: (Uint8Array | undefined)[];

  /** `maxCapacity` segments at most, a power of two. */
  constructor(maxCapacity: number, capacity = 64) {
    this.#maxCapacity = maxCapacity;
    this.#mask = capacity - 1;
    this.#seqs = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#kinds = new Uint8Array(capacity);
    this.#payloads = new Array(capacity).fill(undefined);
  }

  /** Stores segment `seq`. The caller keeps all stored numbers within `first` to
   * `first + maxCapacity - 1`, where `first` is the lowest that is still needed. */
  put(first: number, seq: number, time: number, kind: number, payload: Uint8Array): void {
    if (seq - first > this.#mask) this.#grow(first, seq);
    const i = seq & this.#mask;
    this.#seqs[i] = seq;
    this.#times[i] = time;
    this.#kinds[i] = kind;
    this.#payloads[i] = payload;
  }

  /** Is segment `seq` here? Any number may be asked for. */
  has(seq: number): boolean {
    const i = seq & this.#mask;
    return this.#seqs[i] === seq && this.#payloads[i] !== undefined;
  }

  timeAt(seq: number): number {
    return this.#times[seq & this.#mask]!;
  }

  kindAt(seq: number): number {
    return this.#kinds[seq & this.#mask]!;
  }

  payloadAt(seq: number): Uint8Array {
    return this.#payloads[seq & this.#mask]!;
  }

  /** Forgets segment `seq`, if it is here. */
  drop(seq: number): void {
    if (this.has(seq)) this.#payloads[seq & this.#mask] = undefined;
  }

  #grow(first: number, seq: number): void {
    const oldMask = this.#mask;
    let capacity = oldMask + 1;
    while (seq - first >= capacity) capacity *= 2;
    if (capacity > this.#maxCapacity) {
      throw new RangeError(`Segment ${seq} is beyond the window of ${this.#maxCapacity}`);
    }
    const [seqs, times, kinds, payloads] = [this.#seqs, this.#times, this.#kinds, this.#payloads];
    this.#mask = capacity - 1;
    this.#seqs = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#kinds = new Uint8Array(capacity);
    this.#payloads = new Array(capacity).fill(undefined);
    for (let s = first; s <= first + oldMask; s++) {
      const [from, to] = [s & oldMask, s & this.#mask];
      this.#seqs[to] = seqs[from]!;
      this.#times[to] = times[from]!;
      this.#kinds[to] = kinds[from]!;
      this.#payloads[to] = payloads[from];
    }
  }
}
