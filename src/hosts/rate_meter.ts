/**
 * How fast something went lately.
 *
 * @module
 */

/** A count at a time. */
interface Sample {
  readonly at: number;
  readonly count: number;
}

/** Samples are at least so far apart, and so many are kept: rates are over the last five seconds. */
const APART_MS = 1000;
const SAMPLES = 5;

/** Measures the rate of a count that only grows. */
export class RateMeter {
  #samples: Sample[];

  /** Begins at a time, in milliseconds of any clock that never goes back. */
  constructor(at: number, count: number) {
    this.#samples = [{ at, count }];
  }

  /** Takes a sample, if the latest one is old enough. Call it about each second. */
  sample(at: number, count: number): void {
    if (at - this.#samples.at(-1)!.at < APART_MS) return;
    this.#samples = [...this.#samples.slice(1 - SAMPLES), { at, count }];
  }

  /** So many a second since the oldest sample. */
  perSecond(at: number, count: number): number {
    const { at: from, count: before } = this.#samples[0]!;
    return at > from ? ((count - before) / (at - from)) * 1000 : 0;
  }
}
