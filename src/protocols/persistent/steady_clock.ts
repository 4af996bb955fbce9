/**
 * The coordinator's clock: whole milliseconds since the epoch that never go back, not even from one
 * run of the coordinator to the next.
 *
 * The machine's clock may have been set back while the coordinator was down. Then this one starts at
 * the latest time in the store and goes on from there, so that spans of time stay right; it is ahead
 * of the machine's until the next start.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** The coordinator's clock during one run. */
export class SteadyClock {
  readonly #aheadMs: Millis;
  #latest: Millis;

  /** @param latest The latest time in the store.
   * @param now The host's clock, which never goes back during a run. */
  constructor(latest: Millis, now: Millis) {
    this.#latest = latest;
    this.#aheadMs = Math.max(0, latest - now);
  }

  /** The time at this moment of the host's clock. */
  read(now: Millis): Millis {
    this.#latest = Math.max(this.#latest, Math.floor(now + this.#aheadMs));
    return this.#latest;
  }
}
