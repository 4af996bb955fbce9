/**
 * A campaign of simulated runs: one after the other, each with the next seed, until there are enough.
 *
 * @module
 */

import { Pace } from "./simulate_run.ts";
import { seedOf } from "./simulation_plan.ts";
import { printRun, ViolationPrinter } from "./simulation_report.ts";
import type { FinishedRun, SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

/** Each deliberate mistake is caught within so many runs. */
const RUNS_UNTIL_CAUGHT = 1000;

/** What a campaign runs. */
export interface CampaignPlan<Run> {
  /** The deliberate mistake; null for the real protocol. */
  readonly bug: { readonly explanation: string; readonly caughtBy: string } | null;
  /** The command line that repeats the run of a seed. */
  replay(seed: number): string;
  /** Simulates the run of a seed and judges it; null if it was interrupted. */
  simulate(seed: number, pace: Pace): Promise<Run | null>;
}

/** What the command line says about a campaign. */
export interface CampaignOptions {
  readonly seed?: number | undefined;
  readonly runs?: number | undefined;
  /** Whether each run is told of. */
  readonly each: boolean;
}

/** A campaign. */
export class SimulationCampaign<
  Counts extends Record<keyof Counts, number>,
  Run extends FinishedRun<Counts>,
> {
  readonly #plan: CampaignPlan<Run>;
  readonly #options: CampaignOptions;
  readonly #tally: SimulationTally<Counts>;
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;
  readonly #runs: number;
  /** The seed of the first run. */
  readonly seed: number;
  /** The first run that failed, with a mistake the first that shows it; null if none has. */
  failed: Run | null = null;
  /** The last run; null if there was none. */
  last: Run | null = null;

  constructor(
    plan: CampaignPlan<Run>,
    options: CampaignOptions,
    tally: SimulationTally<Counts>,
    terminal: Terminal,
    stop: AbortSignal,
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#tally = tally;
    this.#terminal = terminal;
    this.#stop = stop;
    this.seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
    this.#runs = options.runs ?? (plan.bug === null ? 1 : RUNS_UNTIL_CAUGHT);
  }

  /** Runs it, and prints what is violated.
   *
   * @param what What is simulated.
   * @param isEnough Whether a run that failed ends it. */
  async run(what: string, isEnough: (run: Run) => boolean): Promise<void> {
    const { bug } = this.#plan;
    this.#terminal.say(`Simulating ${what} from seed ${this.seed}`);
    if (bug !== null) this.#terminal.say(`The mistake: ${bug.explanation}.`);
    await this.#runAll(isEnough);
    this.#terminal.progress("");
  }

  /** Does a run show the mistake by the property that its explanation names? */
  isCaught({ verdict }: Run): boolean {
    const caughtBy = this.#plan.bug?.caughtBy;
    return verdict.violations.some(({ property }) => property === caughtBy);
  }

  async #runAll(isEnough: (run: Run) => boolean): Promise<void> {
    const printer = new ViolationPrinter(this.#plan, this.#terminal);
    const pace = new Pace(this.#stop, () => this.#showProgress());
    for (let i = 0; i < this.#runs; i++) {
      const run = await this.#plan.simulate(seedOf(this.seed, i), pace);
      if (run === null) return;
      this.#tally.add(run);
      this.last = run;
      this.#noteFailure(run);
      if (this.#options.each) printRun(run, this.#terminal);
      printer.print(run);
      // A mistake that was only to be caught is caught, or what was looked for is found.
      const isOnlyToBeCaught = this.#plan.bug !== null && this.#options.runs === undefined;
      if (isOnlyToBeCaught ? this.isCaught(run) : isEnough(run)) return;
    }
  }

  #noteFailure(run: Run): void {
    if (run.verdict.violations.length === 0) return;
    if (this.failed === null || (this.isCaught(run) && !this.isCaught(this.failed))) {
      this.failed = run;
    }
  }

  #showProgress(): void {
    const { runs, violations, eventsPerSecond } = this.#tally;
    const of = this.#runs === Infinity ? "" : ` of ${this.#runs}`;
    this.#terminal.progress(
      `${runs}${of} runs, ${violations} violations, ` +
        `${eventsPerSecond.toLocaleString("en-US")} events per second`,
    );
  }
}
