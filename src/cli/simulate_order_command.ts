/**
 * `mpcomm simulate order`: ordered multicast in a simulated world.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import { ORDERS } from "../protocols/process.ts";
import { REPORTED_PROPERTIES } from "../report/run_event.ts";
import { ORDER_BUGS } from "../simulator/bugs.ts";
import type { Example } from "./command.ts";
import { knobOptions } from "./knobs.ts";
import { maybe, outputOptions, toggle } from "./options.ts";
import { FAULT_KNOBS, LOAD_KNOBS } from "./simulation_knobs.ts";
import { campaignOptions, checkDelays, LIST } from "./simulation_options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { order } from "./values/order.ts";
import { directory } from "./values/path.ts";
import { topology } from "./values/topology.ts";
import { word, wordList } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = ["simulate order [OPTIONS]", "simulate order --bug list"];

/** What the command does. */
export const description = [
  "Runs the same multicast protocols as the peers do in virtual time, under faults that are drawn " +
  "from a seed, and judges every run. First things go wrong, and nothing wrong may be delivered; " +
  "then the network heals, and everything must be delivered that should be.",
  "With --swarm each seed draws its own group, load and faults, and the options below fix what " +
  "they name; it is the default where none of them is given. Without it they have the defaults " +
  "shown, which is a good network.",
  "The same seed does the same on every machine. Each violation comes with the command that " +
  "repeats its run. Exit code 3: a property is violated that the order promises.",
];

const campaign = object("Campaign", {
  order: maybe("--order", order(), `The order: ${ORDERS.join(", ")} (default: lamport)`),
  ...campaignOptions,
  check: maybe(
    "--check",
    wordList({ metavar: "PROPERTY", noun: "property", known: REPORTED_PROPERTIES }),
    "Properties that count as violations in place of those that the order promises",
  ),
  bug: maybe(
    "--bug",
    word({ metavar: "NAME", noun: "mistake", known: [...ORDER_BUGS.keys(), LIST] }),
    "Run a deliberate mistake in place of the real protocol; list explains them all",
  ),
  shrink: toggle(["--shrink"], "Look for a smaller run that still fails"),
  history: maybe(
    "--history",
    directory(),
    "Keep the logs as DIR/ORDER/PROCESS.jsonl, for compare --logs: of the first run that fails, " +
      "or of the smaller one with --shrink; of the last run if none fails",
  ),
});

/** Reads the options. */
export const parser = merge(
  campaign,
  object("Group and load", knobOptions(LOAD_KNOBS)),
  object("Faults", {
    ...knobOptions(FAULT_KNOBS),
    topology: maybe(
      "--topology",
      topology(),
      "Delays between regions, which are given out in turn: aws-2020, lan or a file; the delays " +
        "above come on top, and are 0ms by default then",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm simulate order`. */
export type SimulateOrderOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "simulate order --swarm --runs 1000", does: "a thousand groups, loads and networks" },
  {
    args: "simulate order --order none --swarm --runs 100",
    does: "what goes wrong without an order",
  },
  { args: "simulate order --bug no-tie-break --shrink", does: "watch a mistake being caught" },
  {
    args: "simulate order --peers 5 --messages 200 --loss 20% --partitions 3 --seed 7",
    does: "one group on a terrible network",
  },
  {
    args: "simulate order --topology aws-2020 --peers 9 --pauses 5 --history logs",
    does: "around the world, logs kept",
  },
];

/** Refuses what doesn't go together. */
export function check(options: SimulateOrderOptions): void {
  const { bug, order: wanted } = options;
  const known = ORDER_BUGS.get(bug ?? "");
  if (known !== undefined && wanted !== undefined && wanted !== known.order) {
    throw new UsageError(`--bug: ${known.name} is a mistake in ${known.order}, not in ${wanted}`);
  }
  checkDelays(options);
}

/** Runs the simulations; returns the exit code. */
export async function run(options: SimulateOrderOptions, terminal: Terminal): Promise<number> {
  if (options.bug === LIST) {
    return (await import("./list_bugs.ts")).listBugs([...ORDER_BUGS.values()], terminal);
  }
  return await (await import("./run_simulate_order.ts")).runSimulateOrder(options, terminal);
}
