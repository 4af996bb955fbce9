/**
 * `mpcomm tokenring`: mutual exclusion between machines.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument } from "@optique/core/primitives";
import { MAX_LEASE_MS } from "../hosts/ring_vote_file.ts";
import type { Example } from "./command.ts";
import { defaulted, maybe, outputOptions, required, toggle } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { duration } from "./values/duration.ts";
import { name } from "./values/name.ts";
import { file } from "./values/path.ts";
import { valueParser } from "./values/value_parser.ts";
import { word } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = [
  "tokenring --machines FILE [OPTIONS]",
  "tokenring [OPTIONS] lock -- COMMAND [ARG...]",
  "tokenring [OPTIONS] status",
];

/** What the command does. */
export const description = [
  "A token goes around the machines of a file; who keeps it has the lock, and nobody else has. The " +
  "lock survives crashes, pauses and partitions, as long as a majority of the machines in the file can " +
  "talk to each other. A minority says so and never gives the lock to anybody.",
  "The file is the same at all nodes: lines of NAME HOST:PORT (# begins a comment), or a JSON object " +
  '{"NAME": "HOST:PORT"}. So is --lease.',
  "Commands, one a line: start (make the token, once, at any node), lock, unlock, status, quit. quit, " +
  "Ctrl-C, and Ctrl-D on a terminal pass the token on and leave the ring. The end of a script on stdin " +
  "is no quit: the node goes on until it is told to stop.",
  "lock -- COMMAND runs a command while it has the lock: through the node of that name that runs on " +
  "this machine, or as that node for as long as it takes. The command finds a number in MPCOMM_FENCE " +
  "that grows with every grant. It is ended before the lease is over if that can't be extended. Exit " +
  "codes: that of the command; 75 if somebody else has the lock (--try), 124 if the --timeout ran out, " +
  "76 if the lock was lost, 126 or 127 if the command can't be run or found, 1 for any other failure.",
  "With --json stdout has the events listening, token, view, holder, quorum, locked, unlocked, busy, " +
  "lost, ok, error and warning.",
];

const ACTIONS = ["lock", "status"] as const;

const WORD = valueParser({ metavar: "COMMAND", example: "make", parse: String, format: String });

/** Reads the options. */
export const parser = merge(
  object("Arguments", {
    action: optional(
      argument(word({ metavar: "ACTION", noun: "action", known: ACTIONS }), {
        description: [text("lock runs a command, status asks the node that runs")],
      }),
    ),
    command: multiple(
      argument(WORD, { description: [text("With lock: the command and its arguments")] }),
    ),
  }),
  object("Options", {
    machines: required("--machines", file(), "The names and addresses of all nodes"),
    name: maybe("--name", name(), "The node's name in the file (default: ask on a terminal)"),
    next: maybe(
      "--next",
      name(),
      "Whom to pass the token to (default: ask on a terminal, else the next line of the file)",
    ),
    start: toggle(["--start"], "Begin with the command start"),
    pace: defaulted(
      "--pace",
      duration({ minMs: 0, maxMs: 60_000 }),
      1000,
      "How long the token rests at each node while nobody waits for it",
    ),
    lease: defaulted(
      "--lease",
      duration({ minMs: 300, maxMs: MAX_LEASE_MS }),
      1500,
      "How long a majority's word for the holder of the lock counts. Longer tolerates longer pauses; " +
        "after a crash of the holder the others wait so long, and a little more",
    ),
    state: maybe(
      "--state",
      file(),
      "Where the node keeps what it has voted for (default: below $XDG_STATE_HOME or ~/.local/state)",
    ),
    try: toggle(["--try"], "With lock: don't wait if somebody else has the lock"),
    timeout: maybe(
      "--timeout",
      duration({ minMs: 1, maxMs: 86_400_000 }),
      "With lock: how long to wait for the lock (default: for ever)",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm tokenring`. */
export type TokenringOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "tokenring --machines m.txt", does: "asks for the names; type start, then lock" },
  {
    args: "tokenring --machines m.txt --name a --start --json",
    does: "a node for a program, or for the background",
  },
  {
    args: "tokenring --machines m.txt --name a lock --timeout 10s -- make deploy",
    does: "one at a time on all machines",
  },
];

/** Refuses what doesn't go together, and what is missing. */
export function check(options: TokenringOptions): void {
  const { action, command, name, start, json } = options;
  if (action !== undefined && name === undefined) throw new UsageError("--name is missing");
  if (action === "lock" && (command.length === 0 || command[0] === "")) {
    throw new UsageError("COMMAND is missing: lock -- COMMAND");
  }
  if (action === "status" && command.length > 0) {
    throw new UsageError("status takes nothing after it");
  }
  if (action !== undefined && start) throw new UsageError(`--start: doesn't go with ${action}`);
  if (action === "lock" && json) {
    throw new UsageError("--json: doesn't go with lock, whose stdout is the command's");
  }
  for (const option of ["try", "timeout"] as const) {
    if (action !== "lock" && options[option] !== undefined && options[option] !== false) {
      throw new UsageError(`--${option}: goes with lock, as in lock --${option}`);
    }
  }
}

/** Takes part until it is told to stop, or runs a command; returns the exit code. */
export async function run(options: TokenringOptions, terminal: Terminal): Promise<number> {
  if (options.action === "lock") {
    return await (await import("./run_tokenring_lock.ts")).runTokenringLock(options, terminal);
  }
  if (options.action === "status") {
    return await (await import("./run_tokenring_status.ts")).runTokenringStatus(options, terminal);
  }
  return await (await import("./run_tokenring.ts")).runTokenring(options, terminal);
}
