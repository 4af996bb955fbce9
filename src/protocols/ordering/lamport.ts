/**
 * Total order by Lamport timestamps (Lamport 1978, section "Ordering the Events Totally"), uniform.
 *
 * ```text
 * to multicast m:       clock := clock + 1; stamp m with ⟨clock, self⟩; send it to all on FIFO links
 * on receipt of m:      clock := max(clock, time of m) + 1; hold m back
 * deliver the head ⟨t, p⟩ of the hold-back queue when, for every member q,
 *                       q is past t:   everything q stamped up to t has come (on FIFO links)
 *                       q has it:      q has acknowledged it
 * ```
 *
 * The first condition gives the order: nothing can come any more that belongs before the head. The
 * second makes the delivery uniform: what one process delivers, all have.
 *
 * @module
 */

import { HoldbackQueue } from "../holdback_queue.ts";
import type { Knowledge } from "../knowledge.ts";
import { LamportClock } from "../lamport_clock.ts";
import type { ProcessId } from "../process.ts";
import type { ReliableMulticast } from "../reliable_multicast.ts";
import { MAX_HELD_BACK, type Ordering, type SegmentSink } from "./ordering.ts";

/** What may be exchanged: the simulator does. */
export interface LamportParts {
  /** How many segments of one process are held back at most. */
  readonly limit?: number | undefined;
  readonly clock?: LamportClock;
  readonly holdback?: HoldbackQueue;
}

/** Delivers in the order of ⟨time, process⟩. */
export class LamportOrdering implements Ordering {
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #knowledge: Knowledge;
  readonly #link: ReliableMulticast;
  readonly #sink: SegmentSink;
  readonly #clock: LamportClock;
  readonly #holdback: HoldbackQueue;

  constructor(
    self: ProcessId,
    size: number,
    knowledge: Knowledge,
    link: ReliableMulticast,
    sink: SegmentSink,
    { limit = MAX_HELD_BACK, clock, holdback }: LamportParts = {},
  ) {
    this.#self = self;
    this.#size = size;
    this.#knowledge = knowledge;
    this.#link = link;
    this.#sink = sink;
    this.#clock = clock ?? new LamportClock();
    this.#holdback = holdback ?? new HoldbackQueue(size, limit);
  }

  get time(): number {
    return this.#clock.time;
  }

  get writable(): boolean {
    // Half is left for the fragments of the message that comes next.
    return this.#holdback.room(this.#self) > this.#holdback.limit / 2;
  }

  get room(): number {
    return this.#holdback.room(this.#self);
  }

  multicast(kind: number, payload: Uint8Array): void {
    const time = this.#clock.tick();
    const seq = this.#link.multicast(time, kind, payload);
    this.#holdback.push(this.#self, seq, time, kind, payload);
  }

  hasRoom(sender: ProcessId): boolean {
    return this.#holdback.room(sender) > 0;
  }

  accept(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#clock.merge(time);
    this.#holdback.push(sender, seq, time, kind, payload);
  }

  advance(): void {
    const allPast = this.#knowledge.allPast();
    for (let p = this.#holdback.head(); p !== -1; p = this.#holdback.head()) {
      if (this.#holdback.timeOf(p) > allPast) return;
      let stable = this.#knowledge.stable(p);
      if (this.#holdback.seqOf(p) > stable) return;
      // While p's segments stay at the head, they need no other look at the acknowledgements.
      do {
        const kind = this.#holdback.kindOf(p);
        const payload = this.#holdback.payloadOf(p);
        this.#holdback.pop(p);
        this.#sink.deliverSegment(p, kind, payload);
        if (this.#holdback.seqOf(p) > stable) stable = -1;
      } while (
        stable !== -1 && this.#holdback.timeOf(p) <= allPast && this.#holdback.head() === p
      );
    }
  }

  collectAwaited(to: ProcessId[]): void {
    const head = this.#holdback.head();
    if (head === -1) return;
    const time = this.#holdback.timeOf(head);
    const seq = this.#holdback.seqOf(head);
    for (let q = 0; q < this.#size; q++) {
      if (q === this.#self) continue;
      if (!this.#knowledge.isPast(q, time) || !this.#knowledge.has(q, head, seq)) to.push(q);
    }
  }
}
