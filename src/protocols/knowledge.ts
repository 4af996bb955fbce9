/**
 * What one process knows about what the others have.
 *
 * Every frame brings its sender's whole row, so a lost frame is made good by the next one: no
 * single acknowledgement has to arrive.
 *
 * @module
 */

import type { ProcessId } from "./process.ts";

/** Acknowledgement vectors and clocks of a group, as this process has heard of them. */
export class Knowledge {
  readonly #self: ProcessId;
  readonly #size: number;
  /** `#rows[q][p]`: q is known to have everything of p up to this segment. Only ever grows. */
  readonly #rows: Uint32Array[];
  /** Everything that q multicast with a stamp up to `#past[q]` has been received here, and what it
   * multicasts later will have a higher one. Only ever grows. */
  readonly #past: Float64Array;
  /** A clock that can't count yet, because its sender's segments up to `#pendingSent[q]` have not
   * all been received: order rests on FIFO links. */
  readonly #pendingSent: Float64Array;
  readonly #pendingClock: Float64Array;

  constructor(self: ProcessId, size: number) {
    this.#self = self;
    this.#size = size;
    this.#rows = Array.from({ length: size }, () => new Uint32Array(size));
    this.#past = new Float64Array(size);
    this.#past[self] = Infinity;
    this.#pendingSent = new Float64Array(size);
    this.#pendingClock = new Float64Array(size);
  }

  /** What this process has: everything of p up to segment `[p]`. It is the vector that goes out
   * with every frame. */
  get own(): Readonly<Uint32Array> {
    return this.#rows[this.#self]!;
  }

  /** Segment `seq` of `sender`, stamped `time`, is here, and so is everything before it. */
  accept(sender: ProcessId, seq: number, time: number): void {
    this.#rows[this.#self]![sender] = seq;
    this.#rows[sender]![sender] = seq;
    if (time > this.#past[sender]!) this.#past[sender] = time;
  }

  /** This process has multicast segment `seq`. */
  multicasted(seq: number): void {
    this.#rows[this.#self]![this.#self] = seq;
  }

  /** A frame of `from` said what it has (`acks`), its last segment (`sent`) and its `clock`. Returns
   * whether any of it is news. */
  learn(from: ProcessId, acks: Uint32Array, sent: number, clock: number): boolean {
    const row = this.#rows[from]!;
    let isNews = clock > this.#past[from]! && clock > this.#pendingClock[from]!;
    for (let p = 0; p < row.length; p++) {
      if (acks[p]! <= row[p]!) continue;
      row[p] = acks[p]!;
      isNews = true;
    }
    if (sent >= this.#pendingSent[from]! && clock > this.#pendingClock[from]!) {
      this.#pendingSent[from] = sent;
      this.#pendingClock[from] = clock;
    } else if (sent <= this.own[from]! && clock > this.#past[from]!) {
      this.#past[from] = clock;
    }
    return isNews;
  }

  /** Lets the latest clock of `from` count if by now everything before it has been received. */
  settle(from: ProcessId): void {
    const clock = this.#pendingClock[from]!;
    if (clock > this.#past[from]! && this.#pendingSent[from]! <= this.own[from]!) {
      this.#past[from] = clock;
    }
  }

  /** Is q known to have segment `seq` of p? */
  has(q: ProcessId, p: ProcessId, seq: number): boolean {
    return q === p || this.#rows[q]![p]! >= seq;
  }

  /** Segments of p up to here are stable: every member is known to have them. */
  stable(p: ProcessId): number {
    let stable = Infinity;
    for (let q = 0; q < this.#size; q++) {
      if (q !== p && this.#rows[q]![p]! < stable) stable = this.#rows[q]![p]!;
    }
    return stable === Infinity ? this.#rows[p]![p]! : stable;
  }

  /** What q is known to have of p. */
  acknowledged(q: ProcessId, p: ProcessId): number {
    return this.#rows[q]![p]!;
  }

  /** Is q known to be past `time`? */
  isPast(q: ProcessId, time: number): boolean {
    return this.#past[q]! >= time;
  }

  /** Every member is known to be past this time; Infinity for a group of one. */
  allPast(): number {
    let past = Infinity;
    for (let q = 0; q < this.#size; q++) {
      if (this.#past[q]! < past) past = this.#past[q]!;
    }
    return past;
  }
}
