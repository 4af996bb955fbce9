/**
 * When to try again what has failed: soon at first, and then less and less often.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** The first attempt is repeated after this time. */
const FIRST_RETRY_MS = 50;

/** Attempts are never further apart, so that who was away for long doesn't wait longer. */
const LAST_RETRY_MS = 2000;

/** The pauses between attempts, until one succeeds. */
export class Backoff {
  #nextMs = FIRST_RETRY_MS;

  /** Returns when to try again. */
  after(now: Millis): Millis {
    const at = now + this.#nextMs;
    this.#nextMs = Math.min(2 * this.#nextMs, LAST_RETRY_MS);
    return at;
  }

  /** It has succeeded. */
  reset(): void {
    this.#nextMs = FIRST_RETRY_MS;
  }
}
