/**
 * `mpcomm simulate tokenring`: the token ring in a simulated world.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import { RING_BUGS } from "../simulator/ring_bugs.ts";
import type { Example } from "./command.ts";
import { knobOptions } from "./knobs.ts";
import { maybe, outputOptions } from "./options.ts";
import { RING_FAULT_KNOBS, RING_LOAD_KNOBS } from "./ring_knobs.ts";
import { campaignOptions, checkDelays, LIST } from "./simulation_options.ts";
import type { Terminal } from "./terminal.ts";
import { word } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = ["simulate tokenring [OPTIONS]", "simulate tokenring --bug list"];

/** What the command does. */
export const description = [
  "Runs the same nodes as the sockets do in virtual time, each by a clock of its own, under faults " +
  "that are drawn from a seed: lost, doubled and late datagrams, partitions, crashes and pauses " +
  "between any two steps, also of who has the lock; and judges every run. First things go wrong, and " +
  "the lock must never be used by two at a time; then everything heals, and one token must be alive " +
  "and serve everybody within one rotation.",
  "With --swarm each seed draws its own ring, load and faults, and the options below fix what they " +
  "name; it is the default where none of them is given. Without it they have the defaults shown, " +
  "which is a world without faults.",
  "The same seed does the same on every machine. Each violation comes with the command that " +
  "repeats its run. Exit code 3: something that is promised is violated.",
];

/** Reads the options. */
export const parser = merge(
  object("Campaign", {
    ...campaignOptions,
    bug: maybe(
      "--bug",
      word({ metavar: "NAME", noun: "mistake", known: [...RING_BUGS.keys(), LIST] }),
      "Run a deliberate mistake in place of the real protocol; list explains them all",
    ),
  }),
  object("Ring and load", knobOptions(RING_LOAD_KNOBS)),
  object("Faults", knobOptions(RING_FAULT_KNOBS)),
  outputOptions,
);

/** The options of `mpcomm simulate tokenring`. */
export type SimulateTokenringOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "simulate tokenring --swarm --runs 1000", does: "a thousand rings, loads and faults" },
  { args: "simulate tokenring --bug start-twice", does: "watch a mistake being caught" },
  {
    args: "simulate tokenring --nodes 5 --holder-crashes 20 --fault-period 60s --seed 7",
    does: "one ring in which whoever has the token crashes, again and again",
  },
];

/** Refuses what doesn't go together. */
export const check: (options: SimulateTokenringOptions) => void = checkDelays;

/** Runs the simulations; returns the exit code. */
export async function run(options: SimulateTokenringOptions, terminal: Terminal): Promise<number> {
  if (options.bug === LIST) {
    return (await import("./list_bugs.ts")).listBugs([...RING_BUGS.values()], terminal);
  }
  const { runSimulateTokenring } = await import("./run_simulate_tokenring.ts");
  return await runSimulateTokenring(options, terminal);
}
