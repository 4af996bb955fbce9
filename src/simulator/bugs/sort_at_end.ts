/**
 * ```text
 * right:  hold m back until nothing can come any more that belongs before it; then deliver it
 * here:   deliver m on receipt; at the end, sort the log
 * ```
 *
 * @module
 */

import { LamportClock } from "../../protocols/lamport_clock.ts";
import type { Ordering, SegmentSink } from "../../protocols/ordering/ordering.ts";
import type { ProcessId } from "../../protocols/process.ts";
import type { ReliableMulticast } from "../../protocols/reliable_multicast.ts";
import { type Bug, withParts } from "./bug.ts";

/** The log is in order, the deliveries are not. */
export const sortAtEnd: Bug = {
  name: "sort-at-end",
  order: "lamport",
  explanation: "messages are delivered on receipt and the log is sorted by Lamport time at the " +
    "end, so that all logs look alike, though the applications got the messages in other orders",
  caughtBy: "total",
  makeGroup: withParts({
    makeOrdering: (_order, self, _size, _knowledge, link, sink) =>
      new SortingOrdering(self, link, sink),
  }),
};

/** What the order knows about a segment. */
export interface Entry {
  readonly time: number;
  readonly sender: ProcessId;
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Delivers in the order of arrival. */
export class SortingOrdering implements Ordering {
  readonly #self: ProcessId;
  readonly #link: ReliableMulticast;
  readonly #sink: SegmentSink;
  readonly #clock = new LamportClock();
  readonly #log: Entry[] = [];
  #delivered = 0;

  readonly writable = true;

  constructor(self: ProcessId, link: ReliableMulticast, sink: SegmentSink) {
    this.#self = self;
    this.#link = link;
    this.#sink = sink;
  }

  get time(): number {
    return this.#clock.time;
  }

  /** The log as it would be shown at the end: in the order of ⟨time, process⟩. */
  get sortedLog(): Entry[] {
    return this.#log.toSorted((a, b) => a.time - b.time || a.sender - b.sender);
  }

  multicast(kind: number, payload: Uint8Array): void {
    const time = this.#clock.tick();
    this.#link.multicast(time, kind, payload);
    this.#log.push({ time, sender: this.#self, kind, payload });
  }

  readonly room = Infinity;

  hasRoom(): boolean {
    return true; // Nothing is ever held back.
  }

  accept(sender: ProcessId, _seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#clock.merge(time);
    this.#log.push({ time, sender, kind, payload });
  }

  advance(): void {
    for (; this.#delivered < this.#log.length; this.#delivered++) {
      const { sender, kind, payload } = this.#log[this.#delivered]!;
      this.#sink.deliverSegment(sender, kind, payload);
    }
  }

  collectAwaited(): void {
    // Nobody keeps a message from being delivered.
  }
}
