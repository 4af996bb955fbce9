/**
 * What `mpcomm simulate order` does.
 *
 * @module
 */

import { writeRun } from "../hosts/log_directory.ts";
import { REPORTED_PROPERTIES } from "../report/run_event.ts";
import { shrink } from "../simulator/shrink.ts";
import type { SimulationOptions } from "../simulator/order_simulation.ts";
import { refuseUnwritable } from "./refuse_unwritable.ts";
import { catchSignals } from "./signals.ts";
import type { SimulateOrderOptions } from "./simulate_order_command.ts";
import { Pace, simulateRun } from "./simulate_run.ts";
import { seedOf, SimulationPlan } from "./simulation_plan.ts";
import {
  formatTally,
  hint,
  printRun,
  simulationEvent,
  ViolationPrinter,
} from "./simulation_report.ts";
import { type SimulatedRun, SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_VIOLATED = 3;
/** Each deliberate mistake is caught within so many runs. */
const RUNS_UNTIL_CAUGHT = 1000;
const SHRINK_RUNS_MAX = 3000;

/** Runs the simulations; returns the exit code. */
export async function runSimulateOrder(
  options: SimulateOrderOptions,
  terminal: Terminal,
): Promise<number> {
  const plan = await SimulationPlan.from(options);
  if (options.history !== undefined) await refuseUnwritable(options.history, "--history");
  using signals = catchSignals({ terminal });
  const campaign = new Campaign(options, plan, terminal, signals.stop);
  return signals.exitCode(await campaign.run());
}

class Campaign {
  readonly #options: SimulateOrderOptions;
  readonly #plan: SimulationPlan;
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;
  readonly #seed: number;
  readonly #runs: number;
  readonly #tally: SimulationTally;
  /** The first run that failed, with a mistake the first that shows it; null if none has. */
  #failed: SimulatedRun | null = null;
  #last: SimulatedRun | null = null;

  constructor(
    options: SimulateOrderOptions,
    plan: SimulationPlan,
    terminal: Terminal,
    stop: AbortSignal,
  ) {
    this.#options = options;
    this.#plan = plan;
    this.#terminal = terminal;
    this.#stop = stop;
    this.#seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
    this.#runs = options.runs ?? (plan.bug === null ? 1 : RUNS_UNTIL_CAUGHT);
    this.#tally = new SimulationTally(
      REPORTED_PROPERTIES.filter((property) => !plan.demanded.includes(property)),
    );
  }

  /** Returns the exit code. */
  async run(): Promise<number> {
    const { bug } = this.#plan;
    const seed = this.#seed;
    const what = bug === null ? this.#plan.order : `${this.#plan.order} with ${bug.name}`;
    this.#terminal.say(`Simulating ${what} from seed ${seed}`);
    if (bug !== null) this.#terminal.say(`The mistake: ${bug.explanation}.`);
    await this.#simulateAll();
    this.#terminal.progress("");
    this.#terminal.event(simulationEvent(this.#plan, seed, this.#tally));
    this.#terminal.result(formatTally(this.#plan, seed, this.#tally, this.#terminal));
    const shown = await this.#shrink() ?? this.#failed ?? this.#last;
    if (shown !== null) await this.#keep(shown);
    this.#terminal.say(hint(this.#tally, this.#options));
    return this.#failed === null ? 0 : EXIT_VIOLATED;
  }

  async #simulateAll(): Promise<void> {
    const printer = new ViolationPrinter(this.#plan, this.#terminal);
    const pace = new Pace(this.#stop, () => this.#showProgress());
    for (let i = 0; i < this.#runs; i++) {
      const options = this.#plan.run(seedOf(this.#seed, i));
      const run = await simulateRun(options, this.#plan.demanded, pace);
      if (run === null) return;
      this.#tally.add(run);
      this.#last = run;
      this.#noteFailure(run);
      if (this.#options.each) printRun(run, this.#terminal);
      printer.print(run);
      if (this.#isEnough(run)) return;
    }
  }

  #noteFailure(run: SimulatedRun): void {
    if (run.verdict.violations.length === 0) return;
    if (this.#failed === null || (this.#isCaught(run) && !this.#isCaught(this.#failed))) {
      this.#failed = run;
    }
  }

  /** Does a run show the mistake by the property that its explanation names? */
  #isCaught({ verdict }: SimulatedRun): boolean {
    const caughtBy = this.#plan.bug?.caughtBy;
    return verdict.violations.some(({ property }) => property === caughtBy);
  }

  /** A mistake that was only to be caught is caught, or what was looked for is found. */
  #isEnough(run: SimulatedRun): boolean {
    const { runs, shrink } = this.#options;
    if (this.#plan.bug !== null && runs === undefined) return this.#isCaught(run);
    return runs === Infinity && shrink && run.verdict.violations.length > 0;
  }

  /** Looks for a smaller run that violates the same property as the first one that failed. */
  async #shrink(): Promise<SimulatedRun | null> {
    const failed = this.#failed;
    if (failed === null || !this.#options.shrink) return null;
    const property = this.#isCaught(failed)
      ? this.#plan.bug!.caughtBy
      : failed.verdict.violations[0]!.property;
    let smallest = failed;
    let tried = 0;
    const pace = new Pace(this.#stop, () => {
      this.#terminal.progress(`Shrinking: ${describe(smallest.options)}; ${tried} runs tried`);
    });
    const fails = async (candidate: SimulationOptions) => {
      const run = await simulateRun(candidate, this.#plan.demanded, pace);
      if (run === null) return null;
      tried++;
      const isSame = run.verdict.violations.some((violation) => violation.property === property);
      if (isSame) smallest = run;
      return isSame;
    };
    await shrink(failed.options, fails, { maxRuns: SHRINK_RUNS_MAX });
    this.#terminal.progress("");
    this.#printSmallest(smallest, property, tried);
    return smallest;
  }

  #printSmallest({ options, verdict }: SimulatedRun, property: string, tried: number): void {
    const { seed, processes, messages } = options;
    const { witness } = verdict.violations.find((violation) => violation.property === property)!;
    const replay = this.#plan.spellOut(options);
    this.#terminal.event({
      ...{ event: "shrunk", seed, property, witness, replay },
      ...{ peers: processes, messages, runsTried: tried },
    });
    this.#terminal.result(
      `The smallest of ${tried} runs tried: ${describe(options)}: ${property} is violated: ` +
        `${witness}.`,
    );
    this.#terminal.result(`  ${this.#terminal.dim(replay)}`);
  }

  async #keep({ options, result }: SimulatedRun): Promise<void> {
    const { history } = this.#options;
    if (history === undefined) return;
    const { run, traceHash } = result;
    const directory = await writeRun(history, options.order, run.journals.values(), {
      processes: run.processes,
      incomplete: run.incomplete,
      latencyOf: "last-delivery",
      metadata: {
        order: options.order,
        messagesPerPeer: options.messages,
        seed: options.seed,
        traceHash,
        replay: this.#plan.spellOut(options),
      },
    });
    this.#terminal.event({ event: "history", directory, seed: options.seed });
    this.#terminal.say(`Logs of seed ${options.seed}: ${directory}`);
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

function describe({ processes, messages }: SimulationOptions): string {
  return `${processes} ${processes === 1 ? "process" : "processes"}, ` +
    `${messages} ${messages === 1 ? "message" : "messages"} each`;
}
