/**
 * What a node says again and again until it is heard: that it waits for the token, and that it is in
 * no view.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { RingTimes } from "./ring_times.ts";

/** When to call. */
export class Calls {
  readonly #times: RingTimes;
  #wantAt: Millis = Infinity;
  #wantPauseMs: Millis;
  /** Until then the token, which others wait for, will probably have come by itself. */
  #comesUntil: Millis = -Infinity;
  #helloAt: Millis;

  constructor(times: RingTimes, now: Millis) {
    this.#times = times;
    this.#wantPauseMs = times.wantFirstMs;
    this.#helloAt = now;
  }

  /** When to say next that it waits; Infinity if it doesn't. */
  get wantAt(): Millis {
    return this.#wantAt;
  }

  /** When to say next that it is in no view, if it is in none. */
  get helloAt(): Millis {
    return this.#helloAt;
  }

  /** Somebody here wants the lock. */
  wanted(now: Millis): void {
    this.#wantAt = Math.max(now, this.#comesUntil);
    this.#wantPauseMs = this.#times.wantFirstMs;
  }

  /** Nobody here waits, or the token has come. */
  satisfied(): void {
    this.#wantAt = Infinity;
  }

  /** The token goes on. Others wait for it: then it goes fast. */
  passed(doOthersWait: boolean, isWaiting: boolean, now: Millis): void {
    if (doOthersWait) this.#comesUntil = now + this.#times.flightMs;
    if (isWaiting) this.#wantAt = now + this.#wantPauseMs;
  }

  /** The token is gone: those who make a new one are to know at once. */
  lost(): void {
    this.#wantAt = -Infinity;
  }

  /** It says that it waits. */
  saidWant(now: Millis): void {
    this.#wantAt = now + this.#wantPauseMs;
    this.#wantPauseMs = Math.min(2 * this.#wantPauseMs, this.#times.wantLastMs);
  }

  /** It says that it is in no view. */
  saidHello(now: Millis): void {
    this.#helloAt = now + this.#times.helloMs;
  }
}
