/**
 * What a campaign of token rings runs: from the options of the command line to the run of each seed, and
 * back to the command line that repeats it.
 *
 * @module
 */

import { judgeRing } from "../checkers/ring/judge_ring.ts";
import { RING_BUGS, type RingBug } from "../simulator/ring_bugs.ts";
import type { RingFaultCounts } from "../simulator/ring_faults.ts";
import type { RingSimulationOptions } from "../simulator/ring_options.ts";
import { RingSimulation, type RingSimulationResult } from "../simulator/ring_simulation.ts";
import { drawRingRun, RECOVERY_LEASES } from "../simulator/ring_swarm.ts";
import type { Violation } from "./judge_simulation.ts";
import { plainRingRun, RING_KNOBS } from "./ring_knobs.ts";
import type { SimulateTokenringOptions } from "./simulate_tokenring_command.ts";
import { type Pace, runInSlices } from "./simulate_run.ts";
import type { CampaignPlan } from "./simulation_campaign.ts";
import { commandLine, fitDelays } from "./simulation_plan.ts";
import type { FinishedRun } from "./simulation_tally.ts";

/** A run of a token ring that is over. */
export interface RingRun extends FinishedRun<RingFaultCounts> {
  readonly options: RingSimulationOptions;
  readonly result: RingSimulationResult;
}

/** The runs of a campaign: each is a function of its seed. */
export class RingPlan implements CampaignPlan<RingRun> {
  readonly #options: SimulateTokenringOptions;
  /** The deliberate mistake; null for the real protocol. */
  readonly bug: RingBug | null;
  /** Whether each seed draws its own run. */
  readonly isSwarm: boolean;

  constructor(options: SimulateTokenringOptions) {
    this.#options = options;
    this.bug = RING_BUGS.get(options.bug ?? "") ?? null;
    this.isSwarm = options.swarm || !RING_KNOBS.isAnyTurned(options);
  }

  /** The run of a seed. Knobs that were turned count more than what a swarm draws. */
  run(seed: number): RingSimulationOptions {
    const base = this.isSwarm ? drawRingRun(seed) : plainRingRun(seed);
    const turned = fitDelays(RING_KNOBS.turn(base, this.#options), this.#options);
    const run = this.bug === null ? turned : { ...turned, makeRing: this.bug.makeRing };
    if (this.#options.recovery !== undefined) return run;
    return { ...run, recoveryMs: RECOVERY_LEASES * run.leaseMs };
  }

  /** The command line that repeats the run of a seed. */
  replay(seed: number): string {
    return commandLine([
      ...["mpcomm", "simulate", "tokenring", "--seed", String(seed)],
      // A mistake is looked for in many runs unless told otherwise.
      ...(this.bug === null ? [] : ["--bug", this.bug.name, "--runs", "1"]),
      ...(this.isSwarm ? ["--swarm"] : []),
      ...RING_KNOBS.formatTurned(this.#options),
    ]);
  }

  /** Simulates the run of a seed and judges it; null if it was interrupted. */
  async simulate(seed: number, pace: Pace): Promise<RingRun | null> {
    const options = this.run(seed);
    const simulation = new RingSimulation(options);
    const tookMs = await runInSlices(simulation, pace);
    if (tookMs === null) return null;
    const result = simulation.result();
    const violations = findRingViolations(result);
    return { options, result, verdict: { violations, notDemanded: [] }, tookMs };
  }
}

/** Everything that was wrong with a run; empty if nothing was. */
export function findRingViolations(
  { history, unsettled, defect }: RingSimulationResult,
): readonly Violation[] {
  const violations: Violation[] = judgeRing(history);
  if (unsettled !== null) {
    const witness =
      `the run did not come to rest in time after everything had healed: ${unsettled}`;
    violations.push({ property: "liveness", witness });
  }
  if (defect !== null) violations.push({ property: "defect", witness: defect });
  return violations;
}
