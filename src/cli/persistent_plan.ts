/**
 * What a campaign of persistent multicasts runs: from the options of the command line to the run of
 * each seed, and back to the command line that repeats it.
 *
 * @module
 */

import { judgePersistent } from "../checkers/persistent/judge_persistent.ts";
import { PERSISTENT_BUGS, type PersistentBug } from "../simulator/persistent_bugs.ts";
import type { PersistentFaultCounts } from "../simulator/persistent_faults.ts";
import type { PersistentSimulationOptions } from "../simulator/persistent_options.ts";
import {
  PersistentSimulation,
  type PersistentSimulationResult,
} from "../simulator/persistent_simulation.ts";
import { drawPersistentRun } from "../simulator/persistent_swarm.ts";
import type { Violation } from "./judge_simulation.ts";
import { PERSISTENT_KNOBS, plainPersistentRun } from "./persistent_knobs.ts";
import type { SimulatePersistentOptions } from "./simulate_persistent_command.ts";
import { type Pace, runInSlices } from "./simulate_run.ts";
import type { CampaignPlan } from "./simulation_campaign.ts";
import { faultPeriodOf } from "./simulation_knobs.ts";
import { commandLine, fitDelays } from "./simulation_plan.ts";
import type { FinishedRun } from "./simulation_tally.ts";

/** A run of persistent multicast that is over. */
export interface PersistentRun extends FinishedRun<PersistentFaultCounts> {
  readonly options: PersistentSimulationOptions;
  readonly result: PersistentSimulationResult;
}

/** The runs of a campaign: each is a function of its seed. */
export class PersistentPlan implements CampaignPlan<PersistentRun> {
  readonly #options: SimulatePersistentOptions;
  /** The deliberate mistake; null for the real protocol. */
  readonly bug: PersistentBug | null;
  /** Whether each seed draws its own run. */
  readonly isSwarm: boolean;

  constructor(options: SimulatePersistentOptions) {
    this.#options = options;
    this.bug = PERSISTENT_BUGS.get(options.bug ?? "") ?? null;
    this.isSwarm = options.swarm || !PERSISTENT_KNOBS.isAnyTurned(options);
  }

  /** The run of a seed. Knobs that were turned count more than what a swarm draws. */
  run(seed: number): PersistentSimulationOptions {
    const base = this.isSwarm ? drawPersistentRun(seed) : plainPersistentRun(seed);
    const turned = fitDelays(PERSISTENT_KNOBS.turn(base, this.#options), this.#options);
    const run = this.bug === null ? turned : { ...turned, makers: this.bug.makers };
    if (this.isSwarm || this.#options.faultPeriod !== undefined) return run;
    return { ...run, faultPeriodMs: faultPeriodOf(run) };
  }

  /** The command line that repeats the run of a seed. */
  replay(seed: number): string {
    return commandLine([
      ...["mpcomm", "simulate", "persistent", "--seed", String(seed)],
      // A mistake is looked for in many runs unless told otherwise.
      ...(this.bug === null ? [] : ["--bug", this.bug.name, "--runs", "1"]),
      ...(this.isSwarm ? ["--swarm"] : []),
      ...PERSISTENT_KNOBS.formatTurned(this.#options),
    ]);
  }

  /** Simulates the run of a seed and judges it; null if it was interrupted. */
  async simulate(seed: number, pace: Pace): Promise<PersistentRun | null> {
    const options = this.run(seed);
    const simulation = new PersistentSimulation(options);
    const tookMs = await runInSlices(simulation, pace);
    if (tookMs === null) return null;
    const result = simulation.result();
    const violations = findPersistentViolations(result);
    return { options, result, verdict: { violations, notDemanded: [] }, tookMs };
  }
}

/** Everything that was wrong with a run; empty if nothing was. */
export function findPersistentViolations(
  { history, unsettled }: PersistentSimulationResult,
): readonly Violation[] {
  const violations: Violation[] = judgePersistent(history);
  if (unsettled !== null) {
    const witness =
      `the run did not come to rest in time after everything had healed: ${unsettled}`;
    violations.push({ property: "liveness", witness });
  }
  return violations;
}
