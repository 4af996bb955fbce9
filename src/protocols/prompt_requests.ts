/**
 * When a sender wants acknowledgements at once, although they may take their time.
 *
 * It does where it would have to wait for them: while its window is filling, for a segment that
 * leaves after a pause, whose loss nothing that follows would show, and to measure a round trip.
 * Whoever isn't acknowledged although it asked, knows after a round trip that something was lost.
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** So often a sender asks while what is under way goes once around. */
const REQUESTS_PER_WINDOW = 2;

/** What one sender has asked for. Segments are those of its own stream. */
export class PromptRequests {
  readonly #pauseMs: Millis;
  #lastSeq = 0;
  #leftAt: Millis = -Infinity;

  /** A segment leaves after a pause if nothing has left for `pauseMs`. */
  constructor(pauseMs: Millis) {
    this.#pauseMs = pauseMs;
  }

  /** Segments up to `last` leave now, those up to `stable` are with all. Should they ask? If the answer
   * is yes, they do. */
  ask(now: Millis, last: number, stable: number, isTight: boolean, isTimed: boolean): boolean {
    const isAfterPause = now >= this.#leftAt + this.#pauseMs;
    this.#leftAt = now;
    const isFar = (last - this.#lastSeq) * REQUESTS_PER_WINDOW >= last - stable;
    if (!isTimed && !isAfterPause && !(isTight && isFar)) return false;
    this.#lastSeq = last;
    return true;
  }

  /** Does an acknowledgement up to `acknowledged` leave a request unanswered? */
  isOpen(acknowledged: number): boolean {
    return acknowledged < this.#lastSeq;
  }
}
