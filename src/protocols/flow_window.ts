/**
 * How much may be under way: multicast by this process and not yet acknowledged by all.
 *
 * The kernel's receive buffer is small, can't be set, and drops what overflows; so the window is
 * bounded by this process's share of it, and shrinks at signs of loss as TCP's does (Jacobson
 * 1988, section 2; additive increase, multiplicative decrease).
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** The receive buffer of a UDP socket on Linux, which counts the kernel's overhead too. */
const RECEIVE_BUFFER_BYTES = 212_992;

/** One segment costs at least this much on its way, whatever its payload. */
const SEGMENT_OVERHEAD_BYTES = 16;

/** The window never falls below, so that a lossy link still moves. */
const MIN_WINDOW_BYTES = 8 * 1024;

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
      MIN_WINDOW_BYTES,
      RECEIVE_BUFFER_BYTES / 2 / Math.max(1, size - 1),
    );
    this.#windowBytes = Math.min(this.#shareBytes, 32 * 1024);
  }

  /** Is there room for one more segment behind `queuedBytes` that wait already? When nothing is
   * under way there always is, even for one that is larger than the window. */
  hasRoom(queuedBytes: number): boolean {
    return this.#inFlightBytes + queuedBytes < this.#windowBytes;
  }

  /** A segment leaves. */
  add(payloadBytes: number): void {
    this.#inFlightBytes += payloadBytes + SEGMENT_OVERHEAD_BYTES;
  }

  /** A segment has been acknowledged by all. */
  release(payloadBytes: number, roundTripMs: Millis): void {
    const bytes = payloadBytes + SEGMENT_OVERHEAD_BYTES;
    this.#inFlightBytes -= bytes;
    const limit = this.#shareBytes * Math.max(1, roundTripMs / BUFFERED_ROUND_TRIP_MS);
    const gain = this.#slowStart ? bytes : bytes * 1400 / this.#windowBytes;
    this.#windowBytes = Math.min(limit, this.#windowBytes + gain);
  }

  /** Something was lost. Losses within one round trip count as one. */
  lost(now: Millis, roundTripMs: Millis): void {
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = now + roundTripMs;
    this.#slowStart = false;
    this.#windowBytes = Math.max(MIN_WINDOW_BYTES, this.#windowBytes * 0.7);
  }
}
