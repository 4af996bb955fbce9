/**
 * The clock of a simulated machine.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** The clock of a machine: it has a rate of its own, and began some time ago. */
export class MachineClock {
  readonly #time: VirtualTime;
  readonly #rate: number;
  readonly #offsetMs: Millis;

  constructor(time: VirtualTime, rate: number, offsetMs: Millis) {
    this.#time = time;
    this.#rate = rate;
    this.#offsetMs = offsetMs;
  }

  /** What it shows. */
  get now(): Millis {
    return this.#offsetMs + this.#time.nowMs * this.#rate;
  }

  /** The true time at which it shows this. */
  trueTime(shown: Millis): Millis {
    return (shown - this.#offsetMs) / this.#rate;
  }
}
