/**
 * Something that is said again and again, less and less often.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** When to say it next. */
export class Repeat {
  readonly #firstMs: Millis;
  readonly #maxMs: Millis;
  #pauseMs: Millis;
  #at: Millis = -Infinity;

  /** Due at once, then after `firstMs`, and then the pauses double up to `maxMs`. */
  constructor(firstMs: Millis, maxMs: Millis) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#pauseMs = firstMs;
  }

  /** When it is due; -Infinity for at once. */
  get at(): Millis {
    return this.#at;
  }

  /** Is it due? If so, it has been said with this call. */
  due(now: Millis): boolean {
    if (now < this.#at) return false;
    this.#at = now + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#maxMs);
    return true;
  }

  /** Begins anew: due at once. */
  restart(): void {
    this.#at = -Infinity;
    this.#pauseMs = this.#firstMs;
  }
}
