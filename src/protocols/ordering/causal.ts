/**
 * Causal order by vector clocks: a message is delivered after all that its sender had delivered, or
 * multicast, before it (Birman, Schiper and Stephenson 1991, section 5).
 *
 * ```text
 * V[p]:                 the last segment of p that has been delivered here
 * to multicast m:       if V has grown since it was last sent: send what has grown to all, on FIFO
 *                       links; then send m to all; deliver it, V[self] := its number
 * on receipt of V' of p: deliver nothing more of p until V[q] >= V'[q] for all q in it
 * on receipt of m of p: deliver it, V[p] := its number
 * ```
 *
 * The vector travels as a segment of its own, with the entries alone that have grown, and counts for
 * everything that comes behind it: FIFO links make that enough (Singhal and Kshemkalyani 1992). So
 * the messages that a process multicasts without delivering anything in between share one.
 *
 * @module
 */

import { MAX_POSITIONS, SegmentKind } from "../frame.ts";
import { positionCount, processAt, seqAt, writePositions } from "../positions.ts";
import type { ProcessId } from "../process.ts";
import type { ReliableMulticast } from "../reliable_multicast.ts";
import { SegmentQueue } from "../segment_queue.ts";
import { VectorClock } from "../vector_clock.ts";
import { MAX_HELD_BACK, type Ordering, type SegmentSink } from "./ordering.ts";

/** Delivers causes before effects. */
export class CausalOrdering implements Ordering {
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #link: ReliableMulticast;
  readonly #sink: SegmentSink;
  readonly #clock: VectorClock;
  /** What the others have been told of the clock. */
  readonly #told: VectorClock;
  readonly #held: readonly SegmentQueue[];

  readonly time = NaN;
  readonly writable = true;
  readonly room = Infinity;

  constructor(
    self: ProcessId,
    size: number,
    link: ReliableMulticast,
    sink: SegmentSink,
    limit = MAX_HELD_BACK,
  ) {
    this.#self = self;
    this.#size = size;
    this.#link = link;
    this.#sink = sink;
    this.#clock = new VectorClock(size);
    this.#told = new VectorClock(size);
    this.#held = Array.from({ length: size }, () => new SegmentQueue(limit));
  }

  multicast(kind: number, payload: Uint8Array): void {
    this.#tellClock();
    const seq = this.#link.multicast(0, kind, payload);
    this.#clock.advance(this.#self, seq);
    this.#sink.deliverSegment(this.#self, kind, payload);
  }

  hasRoom(sender: ProcessId): boolean {
    return this.#held[sender]!.room > 0;
  }

  accept(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#held[sender]!.push(seq, time, kind, payload);
  }

  advance(): void {
    // What one process's segments wait for may be among those of another that comes later here.
    for (let progress = true; progress;) {
      progress = false;
      for (let p = 0; p < this.#size; p++) {
        if (this.#deliverFrom(p)) progress = true;
      }
    }
  }

  collectAwaited(to: ProcessId[]): void {
    for (const held of this.#held) {
      if (held.count === 0 || held.kind !== SegmentKind.order) continue;
      for (let i = 0; i < positionCount(held.payload); i++) {
        const q = processAt(held.payload, i);
        if (q === this.#self || this.#covers(held.payload, i)) continue;
        // Where something of q is held back, it is not q that is waited for.
        if (this.#held[q]!.count === 0 && !to.includes(q)) to.push(q);
      }
    }
  }

  /** Sends the clock's entries that have grown since they were last sent. */
  #tellClock(): void {
    const grown: [ProcessId, number][] = [];
    for (let q = 0; q < this.#size; q++) {
      const seq = this.#clock.at(q);
      if (q === this.#self || this.#told.covers(q, seq)) continue;
      grown.push([q, seq]);
      this.#told.advance(q, seq);
    }
    for (let i = 0; i < grown.length; i += MAX_POSITIONS) {
      const payload = writePositions(grown.slice(i, i + MAX_POSITIONS));
      this.#clock.advance(this.#self, this.#link.multicast(0, SegmentKind.order, payload));
    }
  }

  /** Delivers p's segments as far as nothing is missing before them. Returns whether that was any. */
  #deliverFrom(p: ProcessId): boolean {
    const held = this.#held[p]!;
    const before = held.count;
    while (held.count > 0) {
      const { seq, kind, payload } = held;
      if (kind === SegmentKind.order && !this.#coversAll(payload)) break;
      held.pop();
      this.#clock.advance(p, seq);
      if (kind !== SegmentKind.order) this.#sink.deliverSegment(p, kind, payload);
    }
    return held.count < before;
  }

  #coversAll(payload: Uint8Array): boolean {
    for (let i = 0; i < positionCount(payload); i++) {
      if (!this.#covers(payload, i)) return false;
    }
    return true;
  }

  #covers(payload: Uint8Array, i: number): boolean {
    return this.#clock.covers(processAt(payload, i), seqAt(payload, i));
  }
}
