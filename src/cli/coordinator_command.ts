/**
 * `mpcomm coordinator`: the coordinator of a persistent multicast.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument } from "@optique/core/primitives";
import type { Example } from "./command.ts";
import { defaulted, maybe, outputOptions, toggle } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { listenAddress } from "./values/address.ts";
import { completePath, file, parsePath } from "./values/path.ts";
import { seconds } from "./values/seconds.ts";
import { valueParser } from "./values/value_parser.ts";

/** What follows `mpcomm`. */
export const usage = [
  "coordinator CONFIG [OPTIONS]",
  "coordinator --listen HOST:PORT --td SECONDS",
];

/** What the command does. */
export const description = [
  "Runs the coordinator of a persistent multicast over TCP: it gives all messages one sequence, " +
  "brings them to the participants that are online, and keeps them for those that are offline.",
  "td is the persistence threshold. Who comes back within td gets everything that was missed, who " +
  "comes back later what was sent in the td seconds before.",
  "CONFIG has two lines: the port (or HOST:PORT; a port alone is open to this machine only), and td " +
  "in seconds. Options win over it.",
  "What is acknowledged is on disk. The store is one SQLite file, which one coordinator uses at a " +
  "time; after a restart it goes on where it was. Messages that nobody can need any more are " +
  "cleaned away. With --store :memory: everything ends with the process.",
  "Commands, one a line: status, quit. The end of stdin is no quit. With --json stdout has the " +
  "events listening, member, link, store and status.",
];

const CONFIG = valueParser({
  metavar: "CONFIG",
  example: "c.conf",
  parse: parsePath,
  format: String,
  complete: (prefix) => [completePath(prefix, "file")],
});

/** Reads the options. */
export const parser = merge(
  object("Arguments", {
    config: optional(argument(CONFIG, { description: [text("A file with port and td")] })),
  }),
  object("Options", {
    listen: maybe("--listen", listenAddress(), "Where to listen (TCP); port 0 means any"),
    td: maybe("--td", seconds(), "The persistence threshold in seconds, such as 60 or 0.5"),
    store: defaulted(
      "--store",
      file(),
      "coordinator.db",
      "The file that keeps messages and members, made if it isn't there; :memory: for none",
    ),
    fresh: toggle(["--fresh"], "Throw away what the store has: no members, no messages"),
  }),
  outputOptions,
);

/** The options of `mpcomm coordinator`. */
export type CoordinatorOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "coordinator --listen 127.0.0.1:5000 --td 60", does: "for processes on this machine" },
  { args: "coordinator c.conf --store group.db --fresh", does: "from a file, with an empty group" },
  {
    args: "coordinator --listen 0.0.0.0:5000 --td 2 --store :memory: --json",
    does: "for a try, with other machines",
  },
];

/** Refuses what is missing. */
export function check({ config, listen, td }: CoordinatorOptions): void {
  if (config !== undefined) return;
  if (listen === undefined) throw new UsageError("--listen is missing (or a config file)");
  if (td === undefined) throw new UsageError("--td is missing (or a config file)");
}

/** Runs the coordinator until it is told to stop; returns the exit code. */
export async function run(options: CoordinatorOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_coordinator.ts")).runCoordinator(options, terminal);
}
