/**
 * `mpcomm manager`: the group manager.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { defaulted, outputOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { listenAddress } from "./values/address.ts";

/** What follows `mpcomm`. */
export const usage = ["manager [OPTIONS]"];

/** What the command does. */
export const description = [
  "Runs the group manager: peers register here over TCP, and anybody asks for the list. A peer " +
  "that dies without a word disappears from it a little later.",
];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    listen: defaulted(
      "--listen",
      listenAddress(),
      { host: "127.0.0.1", port: 5678 },
      "Where to listen (TCP); port 0 means any, and the chosen one is printed",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm manager`. */
export type ManagerOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "manager", does: "for processes on this machine" },
  { args: "manager --listen 0.0.0.0:5678", does: "for processes on other machines too" },
  { args: "manager --listen [::1]:0 --json", does: "any port, printed as JSON" },
];

/** Runs the manager until it is told to stop; returns the exit code. */
export async function run(options: ManagerOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_manager.ts")).runManager(options, terminal);
}
