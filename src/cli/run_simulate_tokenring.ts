/**
 * What `mpcomm simulate tokenring` does.
 *
 * @module
 */

import { noRingFaultCounts, type RingFaultCounts } from "../simulator/ring_faults.ts";
import { RingPlan } from "./ring_plan.ts";
import { catchSignals } from "./signals.ts";
import type { SimulateTokenringOptions } from "./simulate_tokenring_command.ts";
import { SimulationCampaign } from "./simulation_campaign.ts";
import { formatCampaign, tallyFields } from "./simulation_report.ts";
import { SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_VIOLATED = 3;

/** Runs the simulations; returns the exit code. */
export async function runSimulateTokenring(
  options: SimulateTokenringOptions,
  terminal: Terminal,
): Promise<number> {
  const plan = new RingPlan(options);
  const { bug, isSwarm } = plan;
  using signals = catchSignals({ terminal });
  const tally = new SimulationTally([], noRingFaultCounts());
  const campaign = new SimulationCampaign(plan, options, tally, terminal, signals.stop);
  const { seed } = campaign;
  const title = bug === null ? "tokenring" : `tokenring, ${bug.name}`;
  await campaign.run(`token rings${bug === null ? "" : ` with ${bug.name}`}`, () => false);
  terminal.event({
    ...{ event: "simulation", protocol: "tokenring", seed, ...tallyFields(tally) },
    ...{ swarm: isSwarm, bug: bug?.name ?? null },
  });
  terminal.result(formatCampaign(title, seed, tally, rows(tally.faults), terminal));
  terminal.say(hint(tally));
  return signals.exitCode(campaign.failed === null ? 0 : EXIT_VIOLATED);
}

function rows(happened: RingFaultCounts): [string, number][] {
  return [
    ["grants of the lock", happened.grants],
    ["  ended with their lease", happened.leasesLost],
    ["  told too late", happened.late],
    ["requests withdrawn", happened.withdrawn],
    ["hops of a token", happened.hops],
    ["epochs with a token", happened.epochs],
    ["datagrams lost", happened.lost],
    ["  duplicated", happened.duplicated],
    ["  reordered", happened.reordered],
    ["  cut by partitions", happened.cut],
    ["  held by clogs", happened.clogged],
    ["  beyond a full buffer", happened.overflowed],
    ["partitions", happened.partitions],
    ["crashes", happened.crashed],
    ["  of who used the lock", happened.crashedHolding],
    ["pauses", happened.paused],
    ["  beyond the lease in use", happened.pausedHolding],
    ["crashes, pauses amid a turn", happened.struckInTurn],
    ["nodes that left", happened.left],
    ["nodes back within a lease", happened.quarantined],
  ];
}

/** What to do next, in a sentence. */
function hint(tally: SimulationTally<RingFaultCounts>): string {
  if (tally.runs === 0) return "No run came to its end.";
  if (tally.failedRuns > 0) return "The command below each violation repeats its run.";
  const { grants: _, hops: __, epochs: ___, withdrawn: ____, ...faults } = tally.faults;
  if (Object.values(faults).every((times) => times === 0)) {
    return "Nothing went wrong in this world, so little was tested: try --swarm or --loss 10%.";
  }
  return "Every run kept what it has to keep; see --bug list for mistakes that don't.";
}
