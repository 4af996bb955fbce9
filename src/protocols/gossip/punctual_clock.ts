/**
 * Time that stands still while its process is late: stopped (SIGSTOP, a closed laptop) or starved by
 * a busy machine. Who was late himself must not think that others are silent; their answers may have
 * come long ago, and wait to be read. (Local health, as in Dadgar, Phillips and Currey, Lifeguard: Local
 * Health Awareness for More Accurate Failure Detection, 2018.)
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** Far above the rounding of milliseconds since any start. */
const MICROSECOND: Millis = 0.001;

/** Turns the host's time into the time in which this process was punctual. */
export class PunctualClock {
  readonly #toleranceMs: Millis;
  readonly #readMs: Millis;
  #lateMs: Millis = 0;
  #calledAt: Millis;
  #expectedAt: Millis = Infinity;
  #readUntil: Millis = -Infinity;

  /**
   * @param toleranceMs Less than that isn't late.
   * @param readMs So long a process that was late reads what has come, before it judges.
   */
  constructor(toleranceMs: Millis, readMs: Millis, now: Millis) {
    this.#toleranceMs = toleranceMs;
    this.#readMs = readMs;
    this.#calledAt = now;
  }

  /** The punctual time at the host's time `now`, which must never go back. Every call counts as one by
   * the host. */
  at(now: Millis): Millis {
    const lateMs = now - Math.max(this.#expectedAt, this.#calledAt);
    this.#calledAt = now;
    if (lateMs > this.#toleranceMs) {
      this.#lateMs += lateMs;
      // Who is late again when he has read goes on all the same: else he would only ever read.
      if (this.#expectedAt !== this.#readUntil) this.#readUntil = now + this.#readMs;
    }
    return now - this.#lateMs;
  }

  /** Whether it was late and is to read first. */
  isReading(now: Millis): boolean {
    return now < this.#readUntil;
  }

  /** There is something to do at this punctual time. Returns when to be called for that, in the host's
   * time. */
  when(punctual: Millis): Millis {
    const at = punctual + this.#lateMs;
    // Rounding must not make it too early: a host that calls then would be told to call again at once.
    const isRoundedDown = at - this.#lateMs < punctual;
    return Math.max(isRoundedDown ? at + MICROSECOND : at, this.#readUntil);
  }

  /** The host has been told to call at this time, by its clock. */
  expect(at: Millis): void {
    this.#expectedAt = at;
  }
}
