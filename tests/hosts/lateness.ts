/**
 * How late this machine is: where a time limit itself is tested, it can't be kept better than others'
 * timers are.
 *
 * @module
 */

const PAUSE_MS = 10;

/** Processes differ in how late they are. */
const FACTOR = 4;

/** Watches a timer of its own until it is disposed of. */
export class Lateness implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #at = performance.now();
  #worstMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), PAUSE_MS);
  }

  /** So much later than it should something may have happened meanwhile, in milliseconds: on a machine
   * that has time for us, a few. */
  get toleratedMs(): number {
    this.#look();
    return FACTOR * this.#worstMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#at - PAUSE_MS);
    this.#at = now;
  }
}
