/**
 * What `mpcomm simulate persistent` does.
 *
 * @module
 */

import {
  noPersistentFaultCounts,
  type PersistentFaultCounts,
} from "../simulator/persistent_faults.ts";
import { PersistentPlan } from "./persistent_plan.ts";
import { catchSignals } from "./signals.ts";
import type { SimulatePersistentOptions } from "./simulate_persistent_command.ts";
import { SimulationCampaign } from "./simulation_campaign.ts";
import { formatCampaign, tallyFields } from "./simulation_report.ts";
import { SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_VIOLATED = 3;

/** Runs the simulations; returns the exit code. */
export async function runSimulatePersistent(
  options: SimulatePersistentOptions,
  terminal: Terminal,
): Promise<number> {
  const plan = new PersistentPlan(options);
  const { bug, isSwarm } = plan;
  using signals = catchSignals({ terminal });
  const tally = new SimulationTally([], noPersistentFaultCounts());
  const campaign = new SimulationCampaign(plan, options, tally, terminal, signals.stop);
  const { seed } = campaign;
  const title = bug === null ? "persistent" : `persistent, ${bug.name}`;
  await campaign.run(`persistent multicast${bug === null ? "" : ` with ${bug.name}`}`, () => false);
  terminal.event({
    ...{ event: "simulation", protocol: "persistent", seed, ...tallyFields(tally) },
    ...{ swarm: isSwarm, bug: bug?.name ?? null },
  });
  terminal.result(formatCampaign(title, seed, tally, faultRows(tally.faults), terminal));
  terminal.say(hint(tally));
  return signals.exitCode(campaign.failed === null ? 0 : EXIT_VIOLATED);
}

function faultRows(faults: PersistentFaultCounts): [string, number][] {
  return [
    ["connections broken", faults.broken],
    ["requests repeated", faults.repeated],
    ["crashes of the coordinator", faults.coordinatorCrashes],
    ["  with the clock set meanwhile", faults.clockSteps],
    ["crashes of participants", faults.participantCrashes],
    ["pauses of participants", faults.paused],
    ["commits failed", faults.failedCommits],
    ["returns after exactly td", faults.returnsAtTd],
  ];
}

/** What to do next, in a sentence. */
function hint(tally: SimulationTally<PersistentFaultCounts>): string {
  if (tally.runs === 0) return "No run came to its end.";
  if (tally.failedRuns > 0) return "The command below each violation repeats its run.";
  const { returnsAtTd: _, ...faults } = tally.faults;
  if (Object.values(faults).every((happened) => happened === 0)) {
    return "Nothing went wrong in this world, so little was tested: try --swarm or --breaks 5%.";
  }
  return "Every run kept what it has to keep; see --bug list for mistakes that don't.";
}
