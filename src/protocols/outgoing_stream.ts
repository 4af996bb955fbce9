/**
 * This process's own segments: from their multicast, through the window, until all have them.
 *
 * @module
 */

import { FlowWindow, SEGMENT_OVERHEAD_BYTES } from "./flow_window.ts";
import { type Frame, MAX_SEQ } from "./frame.ts";
import type { Millis } from "./process.ts";
import { SegmentRing } from "./segment_ring.ts";

/** So many segments wait for room in the window, or for acknowledgements, at most. */
const MAX_QUEUED = 2 ** 20;

/** The sending end of a stream. Invariant: `stable <= transmitted <= queued`. */
export class OutgoingStream {
  readonly #maxAhead: number;
  /** The segments from `stable + 1` to `queued`. */
  readonly #segments = new SegmentRing(MAX_QUEUED);
  readonly #window: FlowWindow;
  #queued = 0;
  #queuedBytes = 0;
  #transmitted = 0;
  #stable = 0;

  /** For a group of `size` processes that keep `maxAhead` early segments of each other. */
  constructor(size: number, maxAhead: number) {
    this.#maxAhead = maxAhead;
    this.#window = new FlowWindow(size);
  }

  /** The last segment that has left at least once. */
  get transmitted(): number {
    return this.#transmitted;
  }

  /** The last segment that all have. */
  get stable(): number {
    return this.#stable;
  }

  /** Is something waiting for room in the window? */
  get isWaiting(): boolean {
    return this.#transmitted < this.#queued;
  }

  /** Is there room in the window? A segment that comes without it waits. */
  get writable(): boolean {
    return this.#window.hasRoom(this.#queuedBytes) &&
      this.#queued - this.#stable < this.#maxAhead && this.#queued < MAX_SEQ;
  }

  /** Will the window close soon unless somebody acknowledges? */
  get isTight(): boolean {
    return this.#window.isTight || this.#transmitted - this.#stable > this.#maxAhead / 2;
  }

  /** How many segments can be taken, whatever the window. */
  get room(): number {
    return Math.min(MAX_QUEUED - (this.#queued - this.#stable), MAX_SEQ - this.#queued);
  }

  /** Takes a segment and returns its number.
   *
   * @throws {RangeError} There is no room. */
  push(time: number, kind: number, payload: Uint8Array): number {
    const seq = this.#queued + 1;
    this.#segments.put(this.#stable + 1, seq, time, kind, payload);
    this.#queued = seq;
    this.#queuedBytes += payload.length;
    return seq;
  }

  /** Moves waiting segments into the window; they are to be transmitted now. Returns how many. */
  openWindow(): number {
    const before = this.#transmitted;
    while (this.isWaiting && this.#window.hasRoom(0)) {
      const bytes = this.#segments.payloadAt(++this.#transmitted).length;
      this.#window.add(bytes);
      this.#queuedBytes -= bytes;
    }
    return this.#transmitted - before;
  }

  /** All have everything up to `stable`: it is forgotten, and leaves the window. */
  release(stable: number, roundTripMs: Millis): void {
    // In a group of one, even what waits for the window is known to all.
    const end = Math.min(stable, this.#transmitted);
    while (this.#stable < end) {
      const seq = ++this.#stable;
      this.#window.release(this.#segments.payloadAt(seq).length, roundTripMs);
      this.#segments.drop(seq);
    }
  }

  /** Something was lost on its way: the window shrinks. */
  lost(now: Millis, roundTripMs: Millis): void {
    this.#window.lost(now, roundTripMs);
  }

  /** Fills in the segments from `first` to `last`, as far as `maxBytes` go. Returns their bytes. */
  fill(frame: Frame, first: number, last: number, maxBytes: number): number {
    frame.firstSeq = first;
    let bytes = 0;
    for (let seq = first; seq <= last && bytes < maxBytes; seq++) {
      const payload = this.#segments.payloadAt(seq);
      frame.push(this.#segments.timeAt(seq), this.#segments.kindAt(seq), payload);
      bytes += payload.length + SEGMENT_OVERHEAD_BYTES;
    }
    return bytes;
  }

  /** The clock that a frame may announce: below everything that has not left yet. What waits for the
   * window is stamped already. */
  announcedClock(clock: number): number {
    if (!this.isWaiting) return clock;
    return Math.max(0, this.#segments.timeAt(this.#transmitted + 1) - 1);
  }
}
