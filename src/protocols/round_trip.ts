/**
 * How long an answer takes: the estimator of Jacobson 1988 ("Congestion Avoidance and Control",
 * appendix A), with the constants of RFC 6298 and a far lower minimum.
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** What is assumed before the first measurement. */
const INITIAL_MS = 200;

/** Retransmission never waits less. Timers of a host tick once a millisecond; below two of them a
 * retransmission would race the acknowledgement on every local network. */
const MIN_TIMEOUT_MS = 2;

/** Retransmission never waits longer, however often it has failed, but on a path that is slower. */
const MAX_TIMEOUT_MS = 1000;

/** A measurement that is so many times shorter than the average replaces it. */
const RESTART_FACTOR = 4;

/** Enough to get from the minimum to the maximum. */
const MAX_DOUBLINGS = 10;

/** Smoothed round-trip time to one process. */
export class RoundTrip {
  #smoothedMs = -1;
  #deviationMs = 0;
  /** Timeouts that have run out since the last sample. */
  #expired = 0;

  /** The smoothed round-trip time. */
  get smoothedMs(): Millis {
    return this.#smoothedMs < 0 ? INITIAL_MS : this.#smoothedMs;
  }

  /** Has it been measured at all? */
  get isMeasured(): boolean {
    return this.#smoothedMs >= 0;
  }

  /** Takes in one measurement. Never measure what was sent twice (Karn's rule). */
  sample(ms: Millis): void {
    this.#expired = 0;
    // A process that stood still during the handshake, say, answers far faster than was thought:
    // the average would take too long to forget.
    if (this.#smoothedMs < 0 || ms < this.#smoothedMs / RESTART_FACTOR) {
      this.#smoothedMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    this.#deviationMs += (Math.abs(ms - this.#smoothedMs) - this.#deviationMs) / 4;
    this.#smoothedMs += (ms - this.#smoothedMs) / 8;
  }

  /** After this long without an answer something was lost: smoothed + 4 deviations, doubled for
   * each attempt that has failed already. */
  timeoutMs(failures = 0): Millis {
    const base = this.#smoothedMs < 0
      ? INITIAL_MS
      : this.#smoothedMs + Math.max(4 * this.#deviationMs, 1);
    const factor = 2 ** Math.min(failures, MAX_DOUBLINGS);
    return Math.min(Math.max(base, MIN_TIMEOUT_MS) * factor, Math.max(MAX_TIMEOUT_MS, 2 * base));
  }

  /** The timeout for what is sent for the first time. Where timeouts have run out since the last
   * sample, the estimate may be too low, and what is sent again gives no sample that would mend it:
   * so it stays doubled until there is one (Karn and Partridge 1987, "Improving Round-Trip Time
   * Estimates in Reliable Transport Protocols"). */
  get firstTimeoutMs(): Millis {
    return this.timeoutMs(this.#expired);
  }

  /** A timeout for what was sent has run out. */
  expire(): void {
    this.#expired++;
  }

  /** How long a gap may be mere overtaking: two deviations, at least a millisecond and at most
   * half a round trip. */
  get reorderingMs(): Millis {
    return Math.max(1, Math.min(2 * this.#deviationMs, this.smoothedMs / 2));
  }
}
