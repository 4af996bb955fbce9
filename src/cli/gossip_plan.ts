/**
 * What a campaign of gossip networks runs: from the options of the command line to the run of each seed,
 * and back to the command line that repeats it.
 *
 * @module
 */

import { judgeGossip } from "../checkers/gossip/judge_gossip.ts";
import { GOSSIP_BUGS, type GossipBug } from "../simulator/gossip_bugs.ts";
import type { GossipFaultCounts } from "../simulator/gossip_faults.ts";
import type { GossipSimulationOptions } from "../simulator/gossip_options.ts";
import { GossipSimulation, type GossipSimulationResult } from "../simulator/gossip_simulation.ts";
import { drawGossipRun } from "../simulator/gossip_swarm.ts";
import { GOSSIP_KNOBS, plainGossipRun, withBounds } from "./gossip_knobs.ts";
import type { GossipSwarmOptions } from "./gossip_swarm_options.ts";
import type { SimulationVerdict, Violation } from "./judge_simulation.ts";
import { type Pace, runInSlices } from "./simulate_run.ts";
import type { CampaignPlan } from "./simulation_campaign.ts";
import { commandLine, fitDelays } from "./simulation_plan.ts";
import type { FinishedRun } from "./simulation_tally.ts";

/** A run of a gossip network that is over. */
export interface GossipRun extends FinishedRun<GossipFaultCounts> {
  readonly options: GossipSimulationOptions;
  readonly result: GossipSimulationResult;
}

/** The runs of a campaign: each is a function of its seed. */
export class GossipPlan implements CampaignPlan<GossipRun> {
  readonly #options: GossipSwarmOptions;
  /** The deliberate mistake; null for the real protocol. */
  readonly bug: GossipBug | null;

  constructor(options: GossipSwarmOptions) {
    this.#options = options;
    this.bug = GOSSIP_BUGS.get(options.bug ?? "") ?? null;
  }

  /** The run of a seed. Knobs that were turned count more than what a swarm draws. */
  run(seed: number): GossipSimulationOptions {
    const options = this.#options;
    const base = options.plain ? plainGossipRun(seed) : drawGossipRun(seed);
    const turned = fitDelays(GOSSIP_KNOBS.turn(base, options), options);
    const reaction = options.blind ? "blind" : options.feedback ? "feedback" : turned.reaction;
    const bounded = withBounds({ ...turned, reaction });
    return {
      ...bounded,
      recoveryMs: options.recovery ?? bounded.recoveryMs,
      livenessMs: options.liveness ?? bounded.livenessMs,
      ...(this.bug === null ? {} : { makeNode: this.bug.makeNode }),
    };
  }

  /** The command line that repeats the run of a seed. */
  replay(seed: number): string {
    const { plain, feedback, blind } = this.#options;
    return commandLine([
      ...["mpcomm", "simulate", "gossip", "--swarm", "--seed", String(seed)],
      // A mistake is looked for in many runs unless told otherwise.
      ...(this.bug === null ? [] : ["--bug", this.bug.name, "--runs", "1"]),
      ...(plain ? ["--plain"] : []),
      ...(feedback ? ["--feedback"] : blind ? ["--blind"] : []),
      ...GOSSIP_KNOBS.formatTurned(this.#options),
    ]);
  }

  /** Simulates the run of a seed and judges it; null if it was interrupted. */
  async simulate(seed: number, pace: Pace): Promise<GossipRun | null> {
    const options = this.run(seed);
    const simulation = new GossipSimulation(options);
    const tookMs = await runInSlices(simulation, pace);
    if (tookMs === null) return null;
    const result = simulation.result();
    return { options, result, verdict: judgeGossipRun(options, result), tookMs };
  }
}

/** What is to be said of a run. Without anti-entropy nobody promises that everybody has everything. */
export function judgeGossipRun(
  { antiEntropyMs }: GossipSimulationOptions,
  { history, defect }: GossipSimulationResult,
): SimulationVerdict {
  const found: Violation[] = judgeGossip(history);
  const isDemanded = ({ property }: Violation) =>
    property !== "everywhere" || antiEntropyMs !== null;
  return {
    violations: [
      ...found.filter(isDemanded),
      ...(defect === null ? [] : [{ property: "defect", witness: defect }]),
    ],
    notDemanded: found.filter((violation) => !isDemanded(violation)),
  };
}

/** Everything that was wrong with a run; empty if nothing was. */
export function findGossipViolations(
  options: GossipSimulationOptions,
  result: GossipSimulationResult,
): readonly Violation[] {
  return judgeGossipRun(options, result).violations;
}
