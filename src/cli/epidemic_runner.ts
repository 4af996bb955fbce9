/**
 * Runs the trials of epidemics, such that signals and the terminal get their turn now and then.
 *
 * @module
 */

import type { EpidemicOptions } from "../simulator/epidemic_options.ts";
import type { EpidemicStatistics } from "../simulator/epidemic_statistics.ts";
import { EpidemicTrials } from "../simulator/epidemic_trials.ts";
import { Pace, runInSlices } from "./simulate_run.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one epidemic after the other. */
export class EpidemicRunner {
  /** The seed of all trials. */
  readonly seed: number;
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;

  /** Draws a seed if none is given; `stop` interrupts. */
  constructor(seed: number | undefined, terminal: Terminal, stop: AbortSignal) {
    this.seed = seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
    this.#terminal = terminal;
    this.#stop = stop;
  }

  /** Runs so many trials; null if that was interrupted.
   *
   * @param title What they are, for the line of progress. */
  async run(
    options: EpidemicOptions,
    trials: number,
    title: string,
  ): Promise<EpidemicStatistics | null> {
    const running = new EpidemicTrials(options, trials, this.seed);
    const { statistics } = running;
    const pace = new Pace(this.#stop, () => {
      const done = `${statistics.trials} of ${trials} trials`;
      this.#terminal.progress(`${title}: ${done}, cycle ${running.cycle} of the next`);
    });
    const tookMs = await runInSlices(running, pace);
    this.#terminal.progress("");
    return tookMs === null ? null : statistics;
  }
}
