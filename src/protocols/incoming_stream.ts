/**
 * One origin's segments, as one receiver sees them: in order, early, again, or missing.
 *
 * @module
 */

import { MAX_GAPS } from "./frame.ts";
import type { Millis } from "./process.ts";
import type { RoundTrip } from "./round_trip.ts";
import { SegmentRing } from "./segment_ring.ts";

/** Takes segments in FIFO order, each once. */
export interface SegmentTaker {
  /** May the next segment be taken now? */
  hasRoom(): boolean;
  take(seq: number, time: number, kind: number, payload: Uint8Array): void;
}

/** The receiving end of a stream. What is missing is asked for in two steps: first a little after it
 * has been noticed, since it may only have been overtaken, and then again and again. */
export class IncomingStream {
  readonly #maxAhead: number;
  readonly #taker: SegmentTaker;
  /** Segments that came before their turn. */
  readonly #ahead: SegmentRing;
  #received = 0;
  /** The highest segment that is known to exist. */
  #highest = 0;
  /** The taker had no room for the next segment: what came since was dropped. */
  #isFull = false;

  /** The origin has been asked for all that is missing up to `#askedEnd`; at `#askAgainAt` it will be
   * asked once more. */
  #askedEnd = 0;
  #askAgainAt: Millis = Infinity;
  /** What is missing above, up to `#watchedEnd`, may still be on its way; at `#askAt` it will be asked
   * for. Invariant: `#askedEnd <= #watchedEnd <= #highest`. */
  #watchedEnd = 0;
  #askAt: Millis = Infinity;
  /** How often it has been asked for again since anything new came. */
  #asks = 0;

  /** Keeps at most `maxAhead` segments before their turn, a power of two. */
  constructor(maxAhead: number, taker: SegmentTaker) {
    this.#maxAhead = maxAhead;
    this.#taker = taker;
    this.#ahead = new SegmentRing(maxAhead);
  }

  /** A segment came. Returns false if it has been taken before: its origin has missed the
   * acknowledgement. */
  receive(seq: number, time: number, kind: number, payload: Uint8Array): boolean {
    if (seq <= this.#received) return false;
    this.hearOf(seq);
    if (seq > this.#received + 1) {
      this.#keep(seq, time, kind, payload);
    } else if (this.#hasRoom()) {
      this.#ahead.drop(seq); // It may have come before, when there was no room for it.
      this.#take(seq, time, kind, payload);
      this.#takeAhead();
    }
    return true;
  }

  /** Segments up to `seq` are known to exist. */
  hearOf(seq: number): void {
    if (seq > this.#highest) this.#highest = seq;
  }

  /** Goes on where the taker had no room, if it has some now. */
  resume(now: Millis, reorderingMs: Millis): void {
    if (!this.#isFull || !this.#taker.hasRoom()) return;
    this.#isFull = false;
    this.#asks = 0;
    this.#takeAhead();
    this.#askedEnd = this.#watchedEnd = this.#received;
    this.#askAgainAt = this.#askAt = Infinity;
    this.watch(now, reorderingMs);
  }

  /** Notes what is missing. It is asked for a little later: what is still on its way behind the
   * frame that told of it, or was overtaken, gets its time. */
  watch(now: Millis, reorderingMs: Millis): void {
    const received = this.#received;
    if (received >= this.#askedEnd) this.#askAgainAt = Infinity;
    if (received >= this.#watchedEnd) this.#askAt = Infinity;
    if (this.#askAt === Infinity && this.#highest > Math.max(received, this.#watchedEnd)) {
      this.#watchedEnd = this.#highest;
      this.#askAt = now + reorderingMs;
    }
  }

  /** When something will have been missing for long enough; Infinity if nothing is. */
  get deadline(): Millis {
    return Math.min(this.#askAt, this.#askAgainAt);
  }

  /** If it is time to ask again for what was asked for and has not come, fills it into `gaps` as
   * pairs first, last. */
  askAgain(now: Millis, roundTrip: RoundTrip, gaps: number[]): void {
    if (now < this.#askAgainAt) return;
    this.#fillGaps(this.#received + 1, this.#askedEnd, gaps);
    this.#askAgainAt = now + roundTrip.timeoutMs(++this.#asks);
  }

  /** If it is time to ask for what has been missing for long enough, and was not asked for before,
   * fills it into `gaps`. */
  askFirst(now: Millis, roundTrip: RoundTrip, gaps: number[]): void {
    if (now < this.#askAt) return;
    this.#fillGaps(Math.max(this.#askedEnd, this.#received) + 1, this.#watchedEnd, gaps);
    this.#askedEnd = this.#watchedEnd;
    this.#askAt = Infinity;
    if (this.#askAgainAt === Infinity) this.#askAgainAt = now + roundTrip.timeoutMs();
    this.watch(now, roundTrip.reorderingMs);
  }

  #fillGaps(first: number, last: number, gaps: number[]): void {
    const end = Math.min(last, this.#received + this.#maxAhead);
    for (let seq = first; seq <= end && gaps.length < 2 * MAX_GAPS; seq++) {
      if (this.#ahead.has(seq)) continue;
      const start = seq;
      while (seq < end && !this.#ahead.has(seq + 1)) seq++;
      gaps.push(start, seq);
    }
  }

  #keep(seq: number, time: number, kind: number, payload: Uint8Array): void {
    if (seq > this.#received + this.#maxAhead) return; // It is asked for when its turn is near.
    if (!this.#ahead.has(seq)) this.#asks = 0;
    // Copied: a view would keep the whole block that the socket received into.
    this.#ahead.put(this.#received + 1, seq, time, kind, payload.slice());
  }

  /** Takes what came before its turn, as far as it is its turn now. */
  #takeAhead(): void {
    const ahead = this.#ahead;
    for (let seq = this.#received + 1; ahead.has(seq) && this.#hasRoom(); seq++) {
      const payload = ahead.payloadAt(seq);
      ahead.drop(seq);
      this.#take(seq, ahead.timeAt(seq), ahead.kindAt(seq), payload);
    }
  }

  #take(seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#received = seq;
    this.#asks = 0;
    this.#taker.take(seq, time, kind, payload);
  }

  #hasRoom(): boolean {
    if (this.#taker.hasRoom()) return true;
    this.#isFull = true;
    return false;
  }
}
