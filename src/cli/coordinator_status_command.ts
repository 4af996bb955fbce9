/**
 * `mpcomm coordinator status`: how a coordinator and its members are.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { outputOptions, required } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { connectAddress } from "./values/address.ts";

/** What follows `mpcomm`. */
export const usage = ["coordinator status --coordinator HOST:PORT"];

/** What the command does. */
export const description = [
  "Prints who is a member of a persistent multicast, who is online, and how many messages wait for " +
  "whom. With --json it is one event named status.",
];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    coordinator: required("--coordinator", connectAddress(), "The coordinator to ask"),
  }),
  outputOptions,
);

/** The options of `mpcomm coordinator status`. */
export type CoordinatorStatusOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "coordinator status --coordinator 127.0.0.1:5000", does: "a table for people" },
  { args: "coordinator status --coordinator 10.0.0.5:5000 --json", does: "one JSON object" },
];

/** Prints the status; returns the exit code. */
export async function run(options: CoordinatorStatusOptions, terminal: Terminal): Promise<number> {
  const { runCoordinatorStatus } = await import("./run_coordinator_status.ts");
  return await runCoordinatorStatus(options, terminal);
}
