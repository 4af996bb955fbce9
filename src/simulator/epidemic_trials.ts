/**
 * The same epidemic many times, each trial with random numbers of its own.
 *
 * @module
 */

import { Random } from "../protocols/random.ts";
import { Epidemic } from "./epidemic.ts";
import type { EpidemicOptions } from "./epidemic_options.ts";
import { EpidemicStatistics } from "./epidemic_statistics.ts";

/** Trials of one epidemic. Each is a function of seed, `k` and its number. */
export class EpidemicTrials {
  /** What the trials come to that are over. */
  readonly statistics = new EpidemicStatistics();
  readonly #options: EpidemicOptions;
  readonly #trials: number;
  readonly #seed: number;
  #current: Epidemic | null = null;

  /** None has begun. */
  constructor(options: EpidemicOptions, trials: number, seed: number) {
    this.#options = options;
    this.#trials = trials;
    this.#seed = seed;
  }

  /** The cycle of the trial that goes on; 0 if none does. */
  get cycle(): number {
    return this.#current?.cycle ?? 0;
  }

  /** Goes on for about so many meetings of two nodes, but at least for a cycle.
   *
   * @returns whether all trials are over. */
  advance(maxMeetings: number): boolean {
    const { nodes, fanout } = this.#options;
    let meetings = 0;
    while (this.statistics.trials < this.#trials && meetings < maxMeetings) {
      this.#step();
      meetings += nodes * fanout;
    }
    return this.statistics.trials === this.#trials;
  }

  #step(): void {
    this.#current ??= new Epidemic(this.#options, this.#randomOf(this.statistics.trials));
    this.#current.step();
    if (!this.#current.isOver) return;
    this.statistics.add(this.#current.result());
    this.#current = null;
  }

  #randomOf(trial: number): Random {
    return new Random([this.#seed, this.#options.k, trial]);
  }
}
