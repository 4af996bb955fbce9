/**
 * What an order adds to the links: when a message may be delivered.
 *
 * @module
 */

import type { ProcessId } from "../process.ts";
import type { SegmentHandler } from "../reliable_multicast.ts";

/** So many segments of one process are held back at most. Beyond it the origin is not acknowledged
 * and stops by itself. What is delivered next always has room: it is its origin's oldest. */
export const MAX_HELD_BACK = 32_768;

/** Takes segments in the order in which the application is to get them. */
export interface SegmentSink {
  deliverSegment(sender: ProcessId, kind: number, payload: Uint8Array): void;
}

/** An order of delivery, one of {@linkcode ORDERS}. */
export interface Ordering extends SegmentHandler {
  /** The logical clock, NaN for an order without one. */
  readonly time: number;
  /** May the application multicast now? */
  readonly writable: boolean;
  /** How many segments may be multicast before something is delivered. */
  readonly room: number;
  /** Multicasts a segment; there must be room for it. An order without a clock may deliver it here. */
  multicast(kind: number, payload: Uint8Array): void;
  /** Delivers whatever may be delivered. */
  advance(): void;
  /** Adds to `to` the processes that keep the head of the hold-back queue from being delivered. */
  collectAwaited(to: ProcessId[]): void;
}
