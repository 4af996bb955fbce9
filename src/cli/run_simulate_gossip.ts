/**
 * What `mpcomm simulate gossip` does.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import type { EpidemicResult } from "../simulator/epidemic.ts";
import { EpidemicRunner } from "./epidemic_runner.ts";
import { reactionOf } from "./mongering_options.ts";
import { catchSignals } from "./signals.ts";
import type { EpidemicRunOptions } from "./simulate_gossip_command.ts";
import type { Terminal } from "./terminal.ts";

/** What came out for one k. */
interface Outcome {
  readonly k: number;
  readonly means: EpidemicResult;
}

/** Runs the trials for each k; returns the exit code. */
export async function runSimulateGossip(
  options: EpidemicRunOptions,
  terminal: Terminal,
): Promise<number> {
  using signals = catchSignals({ terminal });
  const { nodes, mode, stop, fanout, trials } = options;
  const epidemic = { nodes, mode, reaction: reactionOf(options), stop, fanout };
  const runner = new EpidemicRunner(options.seed, terminal, signals.stop);
  const { seed } = runner;
  terminal.say(
    `Simulating a rumor among ${number(nodes)} nodes (${mode}, ${epidemic.reaction}, ${stop}), ` +
      `${number(trials)} ${trials === 1 ? "trial" : "trials"} for each k, from seed ${seed}`,
  );
  const outcomes: Outcome[] = [];
  for (let k = options.k.first; k <= options.k.last; k++) {
    const statistics = await runner.run({ ...epidemic, k }, trials, `k = ${k}`);
    if (statistics === null) break;
    const { means, standardErrors } = statistics;
    terminal.event({ event: "gossip", k, ...means, ...epidemic, trials, seed, standardErrors });
    outcomes.push({ k, means });
  }
  if (outcomes.length > 0) terminal.result(formatOutcomes(outcomes, terminal));
  terminal.say(legend(outcomes));
  return signals.exitCode(0);
}

function formatOutcomes(outcomes: readonly Outcome[], terminal: Terminal): string {
  return formatTable(
    ["k", "residue", "traffic", "last heard", "average"],
    outcomes.map(({ k, means: { residue, traffic, tLast, tAverage } }) => [
      ...[String(k), formatSmall(residue), formatSmall(traffic)],
      ...[tLast.toFixed(1), tAverage.toFixed(1)],
    ]),
    { alignRight: [0, 1, 2, 3, 4], styleHeader: (text) => terminal.bold(text) },
  );
}

/** Three digits that count. */
export function formatSmall(value: number): string {
  return value === 0 ? "0" : value.toPrecision(3);
}

/** What the columns are, in a sentence. */
function legend(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "No trial came to its end.";
  return "Residue: the share of nodes that never heard it. Traffic: how often it was sent, for each " +
    "node. Heard: in which cycle.";
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
