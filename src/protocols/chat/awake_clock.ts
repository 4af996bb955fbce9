/**
 * The time that a process has been awake. One that was stopped for a minute (SIGSTOP, a closed
 * laptop) has heard from nobody in that minute, and must not think that all others were silent.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** A process that isn't called for so long was not awake. It asks to be called much sooner. */
const ASLEEP_MS = 1500;

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

  /** When the clock will show what is `awake` time, if the process stays awake. */
  when(awake: Millis): Millis {
    return awake + this.#asleepMs;
  }
}
