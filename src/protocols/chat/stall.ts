/**
 * Notices when something that should go on doesn't.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** Measures how long a description of progress has been the same. */
export class Stall {
  #state = "";
  #since: Millis = NaN;

  /** For how long the state has been this one. */
  lasts(state: string, now: Millis): Millis {
    if (state !== this.#state || Number.isNaN(this.#since)) {
      this.#state = state;
      this.#since = now;
    }
    return now - this.#since;
  }
}
