/**
 * How much may be under way: multicast by this process and not yet acknowledged by all.
 *
 * The kernel's receive buffer is small, can't be set from here, and drops what overflows. Each
 * sender has a share of it, which a receiver that keeps up can hold, and which is where the window
 * begins. On a long path most of what is under way is on the path and not in the buffer; there the
 * window grows beyond the share until something is lost, and shrinks then (additive increase,
 * multiplicative decrease: Jacobson 1988, section 2). The increase is per time and not per round trip, so that a
 * path of 300 ms recovers as fast as one of 10 (cf. TCP Hybla, Caini and Firrincieli 2004).
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** The receive buffer of a UDP socket on Linux, which counts the kernel's overhead too. */
const RECEIVE_BUFFER_BYTES = 212_992;

/** One segment costs at least this much on its way, whatever its payload. */
export const SEGMENT_OVERHEAD_BYTES = 16;

/** The window is never smaller, however large the group: two fragments. */
const MIN_SHARE_BYTES = 4 * 1024;

/** The increase, per `BUFFERED_ROUND_TRIP_MS`: one fragment. */
const INCREASE_BYTES = 1400;

/** What is left of the window after a loss; it never falls below the share. */
const DECREASE = 0.7;

/** Above this round trip the data under way is spread over the path rather than the buffer, and
 * the bound grows in proportion. */
const BUFFERED_ROUND_TRIP_MS = 10;

/** A window in bytes that adapts. */
export class FlowWindow {
  readonly #shareBytes: number;
  #windowBytes: number;
  #inFlightBytes = 0;
  #quietUntilMs = -Infinity;
  #slowStart = true;

  /** For a group of `size` processes. */
  constructor(size: number) {
    // Half of the buffer is left to the kernel's own overhead and to acknowledgements.
    this.#shareBytes = Math.max(
      MIN_SHARE_BYTES,
      RECEIVE_BUFFER_BYTES / 2 / Math.max(1, size - 1),
    );
    this.#windowBytes = this.#shareBytes;
  }

  /** Is there room for one more segment behind `queuedBytes` that wait already? When nothing is
   * under way there always is, even for one that is larger than the window. */
  hasRoom(queuedBytes: number): boolean {
    return this.#inFlightBytes + queuedBytes < this.#windowBytes;
  }

  /** Is so much under way that acknowledgements should not take their time? */
  get isTight(): boolean {
    return this.#inFlightBytes > this.#windowBytes / 2;
  }

  /** A segment leaves. */
  add(payloadBytes: number): void {
    this.#inFlightBytes += payloadBytes + SEGMENT_OVERHEAD_BYTES;
  }

  /** A segment has been acknowledged by all. */
  release(payloadBytes: number, roundTripMs: Millis): void {
    const bytes = payloadBytes + SEGMENT_OVERHEAD_BYTES;
    this.#inFlightBytes -= bytes;
    const stretch = Math.max(1, roundTripMs / BUFFERED_ROUND_TRIP_MS);
    const limit = this.#shareBytes * stretch;
    const gain = this.#slowStart ? bytes : INCREASE_BYTES * stretch * bytes / this.#windowBytes;
    this.#windowBytes = Math.min(limit, this.#windowBytes + gain);
  }

  /** Something was lost. Losses within one round trip count as one. */
  lost(now: Millis, roundTripMs: Millis): void {
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = now + roundTripMs;
    this.#slowStart = false;
    this.#windowBytes = Math.max(this.#shareBytes, this.#windowBytes * DECREASE);
  }
}
