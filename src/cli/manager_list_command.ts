/**
 * `mpcomm manager list`: who is in the group.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { defaulted, outputOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { connectAddress } from "./values/address.ts";

/** What follows `mpcomm`. */
export const usage = ["manager list [OPTIONS]"];

/** What the command does. */
export const description = ["Prints the processes that are registered with a group manager."];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    manager: defaulted(
      "--manager",
      connectAddress(),
      { host: "127.0.0.1", port: 5678 },
      "The group manager to ask",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm manager list`. */
export type ManagerListOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "manager list", does: "ask the manager on this machine" },
  { args: "manager list --manager 10.0.0.5:5678 --json", does: "one JSON object a line" },
];

/** Prints the group; returns the exit code. */
export async function run(options: ManagerListOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_manager_list.ts")).runManagerList(options, terminal);
}
