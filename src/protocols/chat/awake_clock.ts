/**
 * The time that a process has been awake. One that was stopped for a minute (SIGSTOP, a closed
 * laptop) has heard from nobody in that minute, and must not think that all others were silent.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** A process that isn't called for so long was not awake. It asks to be called much sooner. */
const ASLEEP_MS = 1500;

/** Far above the rounding of milliseconds since any start. */
const MICROSECOND: Millis = 0.001;

/** Turns a clock's time into time awake. */
export class AwakeClock {
  #calledAt: Millis = NaN;
  #asleepMs: Millis = 0;

  /** The time awake at `now`, which must never go back. */
  at(now: Millis): Millis {
    const passedMs = now - this.#calledAt;
    if (passedMs > ASLEEP_MS) this.#asleepMs += passedMs;
    this.#calledAt = now;
    return now - this.#asleepMs;
  }

  /** When `awake` has come, if the process stays awake. */
  when(awake: Millis): Millis {
    const at = awake + this.#asleepMs;
    // Rounding must not make it too early: a host that calls then would be told to call again at once.
    return at - this.#asleepMs < awake ? at + MICROSECOND : at;
  }
}
