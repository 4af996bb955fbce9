/**
 * What many trials of an epidemic come to.
 *
 * @module
 */

import type { EpidemicResult } from "./epidemic.ts";

/** What is measured. */
export const EPIDEMIC_MEASURES = ["residue", "traffic", "tLast", "tAverage"] as const;

/** See {@linkcode EPIDEMIC_MEASURES}. */
export type EpidemicMeasure = keyof EpidemicResult;

/** A mean that grows by one value at a time (Welford, Technometrics 4(3), 1962). */
export class RunningMean {
  #count = 0;
  #mean = 0;
  /** The sum of the squared distances from the mean. */
  #squares = 0;

  /** One more value. */
  add(value: number): void {
    this.#count++;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }

  /** The mean; 0 if there is no value. */
  get mean(): number {
    return this.#mean;
  }

  /** By how much the mean may be off: the standard deviation of such means. Null for fewer than two
   * values, which don't tell. */
  get standardError(): number | null {
    if (this.#count < 2) return null;
    return Math.sqrt(this.#squares / (this.#count - 1) / this.#count);
  }
}

/** The means of all measures. */
export class EpidemicStatistics {
  readonly #means = {
    residue: new RunningMean(),
    traffic: new RunningMean(),
    tLast: new RunningMean(),
    tAverage: new RunningMean(),
  };
  #trials = 0;

  /** How many trials there were. */
  get trials(): number {
    return this.#trials;
  }

  /** One more trial. */
  add(result: EpidemicResult): void {
    this.#trials++;
    for (const measure of EPIDEMIC_MEASURES) this.#means[measure].add(result[measure]);
  }

  /** The means. */
  get means(): EpidemicResult {
    const { residue, traffic, tLast, tAverage } = this.#means;
    return {
      ...{ residue: residue.mean, traffic: traffic.mean },
      ...{ tLast: tLast.mean, tAverage: tAverage.mean },
    };
  }

  /** By how much each mean may be off; null where that isn't known. */
  get standardErrors(): Readonly<Record<EpidemicMeasure, number | null>> {
    const { residue, traffic, tLast, tAverage } = this.#means;
    return {
      ...{ residue: residue.standardError, traffic: traffic.standardError },
      ...{ tLast: tLast.standardError, tAverage: tAverage.standardError },
    };
  }
}
