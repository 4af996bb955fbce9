/**
 * `mpcomm simulate persistent`: persistent multicast in a simulated world.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import { PERSISTENT_BUGS } from "../simulator/persistent_bugs.ts";
import type { Example } from "./command.ts";
import { knobOptions } from "./knobs.ts";
import { maybe, outputOptions } from "./options.ts";
import { PERSISTENT_FAULT_KNOBS, PERSISTENT_LOAD_KNOBS } from "./persistent_knobs.ts";
import { campaignOptions, checkDelays, LIST } from "./simulation_options.ts";
import type { Terminal } from "./terminal.ts";
import { word } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = ["simulate persistent [OPTIONS]", "simulate persistent --bug list"];

/** What the command does. */
export const description = [
  "Runs the same coordinator and participants as the sockets do in virtual time, under faults that " +
  "are drawn from a seed: crashes of both between any two steps, lost connections, repeated " +
  "requests, full disks, clocks that are set; and judges every run by the td rule. First things go " +
  "wrong, and nothing wrong may be in any log; then everything heals, and everybody who is online " +
  "must have what was promised.",
  "With --swarm each seed draws its own members, load and faults, and the options below fix what " +
  "they name; it is the default where none of them is given. Without it they have the defaults " +
  "shown, which is a world without faults.",
  "The same seed does the same on every machine. Each violation comes with the command that " +
  "repeats its run. Exit code 3: something that is promised is violated.",
];

/** Reads the options. */
export const parser = merge(
  object("Campaign", {
    ...campaignOptions,
    bug: maybe(
      "--bug",
      word({ metavar: "NAME", noun: "mistake", known: [...PERSISTENT_BUGS.keys(), LIST] }),
      "Run a deliberate mistake in place of the real protocol; list explains them all",
    ),
  }),
  object("Members and load", knobOptions(PERSISTENT_LOAD_KNOBS)),
  object("Faults", knobOptions(PERSISTENT_FAULT_KNOBS)),
  outputOptions,
);

/** The options of `mpcomm simulate persistent`. */
export type SimulatePersistentOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "simulate persistent --swarm --runs 1000", does: "a thousand groups, loads and faults" },
  {
    args: "simulate persistent --bug online-before-replay",
    does: "watch a mistake being caught",
  },
  {
    args: "simulate persistent --td 2s --coordinator-crashes 20 --clock-step-max 10s --seed 7",
    does: "one group whose coordinator crashes all the time",
  },
];

/** Refuses what doesn't go together. */
export const check: (options: SimulatePersistentOptions) => void = checkDelays;

/** Runs the simulations; returns the exit code. */
export async function run(
  options: SimulatePersistentOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.bug === LIST) {
    return (await import("./list_bugs.ts")).listBugs([...PERSISTENT_BUGS.values()], terminal);
  }
  const { runSimulatePersistent } = await import("./run_simulate_persistent.ts");
  return await runSimulatePersistent(options, terminal);
}
