/**
 * The logical clock of Lamport 1978 ("Time, Clocks, and the Ordering of Events in a Distributed
 * System", Communications of the ACM 21(7)).
 *
 * @module
 */

/**
 * A counter that respects "happened before": if event a can have caused event b, then a's time is
 * lower.
 *
 * ```ts
 * import { LamportClock } from "./lamport_clock.ts";
 *
 * const clock = new LamportClock();
 * console.assert(clock.tick() === 1);
 * console.assert(clock.merge(7) === 8);
 * ```
 */
export class LamportClock {
  #time = 0;

  /** The time of the latest event at this process. */
  get time(): number {
    return this.#time;
  }

  /** A local event, such as a multicast: rule IR1. Returns its time. */
  tick(): number {
    return ++this.#time;
  }

  /** The receipt of a message stamped `time`: rule IR2. Returns the time of the receipt, which is
   * above both the stamp and everything that happened here before. */
  merge(time: number): number {
    return this.#time = Math.max(this.#time, time) + 1;
  }
}
