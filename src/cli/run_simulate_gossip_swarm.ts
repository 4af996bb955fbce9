/**
 * What `mpcomm simulate gossip --swarm` does.
 *
 * @module
 */

import { type GossipFaultCounts, noGossipFaultCounts } from "../simulator/gossip_faults.ts";
import { GossipPlan } from "./gossip_plan.ts";
import type { GossipSwarmOptions } from "./gossip_swarm_options.ts";
import { catchSignals } from "./signals.ts";
import { SimulationCampaign } from "./simulation_campaign.ts";
import { formatCampaign, tallyFields } from "./simulation_report.ts";
import { SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_VIOLATED = 3;

/** Runs the simulations; returns the exit code. */
export async function runSimulateGossipSwarm(
  options: GossipSwarmOptions,
  terminal: Terminal,
): Promise<number> {
  const plan = new GossipPlan(options);
  const { bug } = plan;
  using signals = catchSignals({ terminal });
  const tally = new SimulationTally([], noGossipFaultCounts());
  const campaign = new SimulationCampaign(plan, options, tally, terminal, signals.stop);
  const { seed } = campaign;
  const title = bug === null ? "gossip" : `gossip, ${bug.name}`;
  await campaign.run(`gossip networks${bug === null ? "" : ` with ${bug.name}`}`, () => false);
  terminal.event({
    ...{ event: "simulation", protocol: "gossip", seed, ...tallyFields(tally) },
    ...{ residue: residueOf(tally.faults), swarm: !options.plain, bug: bug?.name ?? null },
    notPromised: Object.fromEntries(tally.notPromised),
  });
  terminal.result(formatCampaign(title, seed, tally, rows(tally.faults), terminal));
  terminal.say(hint(tally));
  return signals.exitCode(campaign.failed === null ? 0 : EXIT_VIOLATED);
}

/** The residue of mongering alone, when all was well: a share; null if nothing was said then. */
function residueOf({ toReach, unreached }: GossipFaultCounts): number | null {
  return toReach === 0 ? null : unreached / toReach;
}

function rows(happened: GossipFaultCounts): [string, number][] {
  const residue = residueOf(happened);
  return [
    ["rumors said", happened.said],
    ["  heard by others", happened.heard],
    ["    by anti-entropy", happened.supplied],
    ["  told", happened.told],
    ...(residue === null
      ? []
      : [["residue of mongering, percent", Math.round(1e4 * residue) / 100] as [string, number]]),
    ["datagrams lost", happened.lost],
    ["  duplicated", happened.duplicated],
    ["  reordered", happened.reordered],
    ["  cut by partitions", happened.cut],
    ["  held by clogs", happened.clogged],
    ["  beyond a full buffer", happened.overflowed],
    ["messages over connections", happened.overTcp],
    ["  lost", happened.overTcpLost],
    ["partitions and cut links", happened.partitions],
    ["crashes", happened.crashed],
    ["nodes that left", happened.left],
    ["pauses", happened.paused],
    ["nobody listened", happened.refused],
    ["taken for down while up", happened.falseAlarms],
  ];
}

/** What to do next, in a sentence. */
function hint(tally: SimulationTally<GossipFaultCounts>): string {
  if (tally.runs === 0) return "No run came to its end.";
  if (tally.failedRuns > 0) return "The command below each violation repeats its run.";
  const { lost, cut, crashed, paused, left, duplicated } = tally.faults;
  if (lost + cut + crashed + paused + left + duplicated === 0) {
    return "Nothing went wrong in this world, so little was tested: try it without --plain.";
  }
  return "Every run kept what it has to keep; see --bug list for mistakes that don't.";
}
