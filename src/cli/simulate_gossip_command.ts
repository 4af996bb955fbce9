/**
 * `mpcomm simulate gossip`: rumors among many nodes, in cycles.
 *
 * @module
 */

import { merge, object, or } from "@optique/core/constructs";
import { withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { GOSSIP_BUGS } from "../simulator/gossip_bugs.ts";
import type { Example } from "./command.ts";
import { checkGossipSwarm, gossipSwarm, type GossipSwarmOptions } from "./gossip_swarm_options.ts";
import { checkReaction, K_MAX, MONGERING_DEFAULTS, mongeringOptions } from "./mongering_options.ts";
import { defaulted, maybe, outputOptions, required } from "./options.ts";
import { LIST } from "./simulation_options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { numberRange } from "./values/number_range.ts";
import { wholeNumber } from "./values/whole_number.ts";
import { word } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = [
  "simulate gossip [OPTIONS]",
  "simulate gossip --against demers [OPTIONS]",
  "simulate gossip --swarm [OPTIONS]",
  "simulate gossip --swarm --bug list",
];

/** What the command does. */
export const description = [
  "Spreads one rumor among many nodes, each of them the same rumor mongering as the sockets run, in " +
  "synchronous cycles, again and again, and prints what the trials come to: the residue, which is the " +
  "share of nodes that never heard the rumor; the traffic, which is how often it was sent, for each " +
  "node; and the cycles in which the last and the average node heard it.",
  "With --against demers it does so for the tables of Demers et al., Epidemic Algorithms for Replicated " +
  "Database Maintenance, 1987, and prints ours beside the paper's.",
  "With --swarm it runs whole nodes in virtual time, each by a clock of its own, under faults that are " +
  "drawn from a seed: lost, doubled and late datagrams, partitions, crashes, restarts and pauses. Then " +
  "everything heals, and in the end everybody must have every rumor, each heard once, and it must be " +
  "quiet. Options for the network, the load and the faults fix what they name. Each violation comes " +
  "with the command that repeats its run. Exit code 3: something that is promised is violated.",
  "The same seed does the same on every machine.",
];

const DEFAULTS = {
  ...MONGERING_DEFAULTS,
  nodes: 1000,
  k: { first: 1, last: 5 },
  fanout: 1,
  trials: 1000,
  seed: undefined,
} as const;

const trialCount = wholeNumber("N", { min: 1, max: 1_000_000 });
const seed = maybe(
  "--seed",
  wholeNumber("SEED", { min: 0, max: 0xffff_ffff }),
  "Seed of all trials (default: a new one, which is printed)",
);

const epidemic = object("Epidemic", {
  nodes: defaulted(
    "--nodes",
    wholeNumber("N", { min: 2, max: 1_000_000 }),
    DEFAULTS.nodes,
    "Nodes; the rumor begins at one of them",
  ),
  ...mongeringOptions,
  k: defaulted(
    "--k",
    numberRange("K", { min: 1, max: K_MAX }),
    DEFAULTS.k,
    "How patient a node is: the larger, the fewer are missed, and the more is sent; a number or a range",
  ),
  fanout: defaulted(
    "--fanout",
    wholeNumber("N", { min: 1, max: 100 }),
    DEFAULTS.fanout,
    "Partners of a node in each cycle",
  ),
  trials: defaulted("--trials", trialCount, DEFAULTS.trials, "Trials for each k"),
  seed,
});

const comparison = object("Comparison", {
  against: required(
    "--against",
    word({ metavar: "PAPER", noun: "paper", known: ["demers"] }),
    "The paper to compare with: demers",
  ),
  trials: maybe(
    "--trials",
    trialCount,
    "Trials for each row (default: 1000, and more where hardly anybody is missed)",
  ),
  seed,
});

/** Reads the options. */
export const parser = merge(
  withDefault(or(epidemic, comparison, gossipSwarm), DEFAULTS),
  outputOptions,
);

/** The options of `mpcomm simulate gossip`; `"against" in options` and `"swarm" in options` tell the uses
 * apart. */
export type SimulateGossipOptions = InferValue<typeof parser>;

/** The options of `mpcomm simulate gossip --against`. */
export type GossipComparisonOptions = Extract<SimulateGossipOptions, { readonly against: string }>;

/** The options without `--against` and `--swarm`. */
export type EpidemicRunOptions = Exclude<
  SimulateGossipOptions,
  GossipComparisonOptions | GossipSwarmOptions
>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "simulate gossip", does: "a thousand nodes that push, with feedback and counters" },
  {
    args: "simulate gossip --mode pull --k 1..3 --trials 5000 --seed 7",
    does: "the same with nodes that ask",
  },
  {
    args: "simulate gossip --nodes 100000 --mode push-pull --k 2 --trials 1",
    does: "one rumor among many",
  },
  { args: "simulate gossip --against demers", does: "the tables of the paper, and ours" },
  { args: "simulate gossip --swarm --runs 1000", does: "a thousand networks, loads and faults" },
  { args: "simulate gossip --swarm --bug no-anti-entropy", does: "watch a mistake being caught" },
  {
    args: "simulate gossip --swarm --plain --nodes 20 --loss 20% --partitions 3 --seed 7",
    does: "one network that is cut three times",
  },
];

/** Refuses what doesn't go together. */
export function check(options: SimulateGossipOptions): void {
  if ("swarm" in options) return checkGossipSwarm(options);
  if ("against" in options) return;
  checkReaction(options);
  const { nodes, fanout } = options;
  if (fanout >= nodes) {
    throw new UsageError(`--fanout: a node has ${nodes - 1} partners at most, got ${fanout}`);
  }
}

/** Runs the trials; returns the exit code. */
export async function run(options: SimulateGossipOptions, terminal: Terminal): Promise<number> {
  if ("swarm" in options) {
    if (options.bug === LIST) {
      return (await import("./list_bugs.ts")).listBugs([...GOSSIP_BUGS.values()], terminal);
    }
    const { runSimulateGossipSwarm } = await import("./run_simulate_gossip_swarm.ts");
    return await runSimulateGossipSwarm(options, terminal);
  }
  if ("against" in options) {
    const { runGossipComparison } = await import("./simulate_gossip_comparison.ts");
    return await runGossipComparison(options, terminal);
  }
  const { runSimulateGossip } = await import("./run_simulate_gossip.ts");
  return await runSimulateGossip(options, terminal);
}
