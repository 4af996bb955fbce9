/**
 * What `mpcomm simulate order` does.
 *
 * @module
 */

import { writeRun } from "../hosts/log_directory.ts";
import { REPORTED_PROPERTIES } from "../report/run_event.ts";
import { type FaultCounts, noFaultCounts } from "../simulator/faults.ts";
import { shrink } from "../simulator/shrink.ts";
import type { SimulationOptions } from "../simulator/order_simulation.ts";
import { refuseUnwritable } from "./refuse_unwritable.ts";
import { catchSignals } from "./signals.ts";
import type { SimulateOrderOptions } from "./simulate_order_command.ts";
import { Pace, simulateRun } from "./simulate_run.ts";
import { type CampaignPlan, SimulationCampaign } from "./simulation_campaign.ts";
import { SimulationPlan } from "./simulation_plan.ts";
import { formatTally, hint, simulationEvent } from "./simulation_report.ts";
import { type SimulatedRun, SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_VIOLATED = 3;
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
  readonly #tally: SimulationTally;
  readonly #runs: SimulationCampaign<FaultCounts, SimulatedRun>;

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
    this.#tally = new SimulationTally(
      REPORTED_PROPERTIES.filter((property) => !plan.demanded.includes(property)),
      noFaultCounts(),
    );
    const campaign: CampaignPlan<SimulatedRun> = {
      bug: plan.bug,
      replay: (seed) => plan.replay(seed),
      simulate: (seed, pace) => simulateRun(plan.run(seed), plan.demanded, pace),
    };
    this.#runs = new SimulationCampaign(campaign, options, this.#tally, terminal, stop);
  }

  /** Returns the exit code. */
  async run(): Promise<number> {
    const { bug, order } = this.#plan;
    const { runs, shrink } = this.#options;
    const isEnough = ({ verdict }: SimulatedRun) =>
      runs === Infinity && shrink && verdict.violations.length > 0;
    await this.#runs.run(bug === null ? order : `${order} with ${bug.name}`, isEnough);
    const { seed } = this.#runs;
    this.#terminal.event(simulationEvent(this.#plan, seed, this.#tally));
    this.#terminal.result(formatTally(this.#plan, seed, this.#tally, this.#terminal));
    const shown = await this.#shrink() ?? this.#runs.failed ?? this.#runs.last;
    if (shown !== null) await this.#keep(shown);
    this.#terminal.say(hint(this.#tally, this.#options));
    return this.#runs.failed === null ? 0 : EXIT_VIOLATED;
  }

  /** Looks for a smaller run that violates the same property as the first one that failed. */
  async #shrink(): Promise<SimulatedRun | null> {
    const { failed } = this.#runs;
    if (failed === null || !this.#options.shrink) return null;
    const property = this.#runs.isCaught(failed)
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
}

function describe({ processes, messages }: SimulationOptions): string {
  return `${processes} ${processes === 1 ? "process" : "processes"}, ` +
    `${messages} ${messages === 1 ? "message" : "messages"} each`;
}
