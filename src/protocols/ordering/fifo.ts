/**
 * FIFO order: what the links give already. The stop markers of the order `none` travel so.
 *
 * ```text
 * to multicast m:   send it to all on FIFO links; deliver it
 * on receipt of m:  deliver it
 * ```
 *
 * @module
 */

import type { ProcessId } from "../process.ts";
import type { ReliableMulticast } from "../reliable_multicast.ts";
import type { Ordering, SegmentSink } from "./ordering.ts";

/** Delivers each sender's segments in the order in which it multicast them. */
export class FifoOrdering implements Ordering {
  readonly #self: ProcessId;
  readonly #link: ReliableMulticast;
  readonly #sink: SegmentSink;

  readonly time = NaN;
  readonly writable = true;
  readonly room = Infinity;

  constructor(self: ProcessId, link: ReliableMulticast, sink: SegmentSink) {
    this.#self = self;
    this.#link = link;
    this.#sink = sink;
  }

  multicast(kind: number, payload: Uint8Array): void {
    this.#link.multicast(0, kind, payload);
    this.#sink.deliverSegment(this.#self, kind, payload);
  }

  hasRoom(): boolean {
    return true; // Nothing is ever held back.
  }

  accept(sender: ProcessId, _seq: number, _time: number, kind: number, payload: Uint8Array): void {
    this.#sink.deliverSegment(sender, kind, payload);
  }

  advance(): void {
    // Everything is delivered when it is accepted.
  }

  collectAwaited(): void {
    // Nobody keeps a message from being delivered.
  }
}
