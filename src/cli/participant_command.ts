/**
 * `mpcomm participant`: a member of a persistent multicast.
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
import { connectAddress, listenAddress } from "./values/address.ts";
import { duration } from "./values/duration.ts";
import { memberId } from "./values/member_id.ts";
import { completePath, file, parsePath } from "./values/path.ts";
import { valueParser } from "./values/value_parser.ts";
import { word } from "./values/word.ts";

/** What follows `mpcomm`. */
export const usage = [
  "participant [CONFIG] [OPTIONS]",
  "participant [CONFIG] [OPTIONS] msend --stdin",
];

/** What the command does. */
export const description = [
  "A member of a persistent multicast. Messages that are sent while it is online come at once; " +
  "those that are sent while it is offline come when it reconnects, as far as the coordinator's " +
  "td reaches. Each is written to the log once, in the same sequence at all members.",
  "CONFIG has three lines: the ID, the log file, and the coordinator's HOST PORT. --id, --log " +
  "and --coordinator say the same, and win over it.",
  "Commands, one a line: register [port], deregister, disconnect, reconnect [port], msend " +
  "[message], status, quit. Each is answered once, with ok or with why not. Without a port any " +
  "free one is taken. All after msend and one space is the message, whatever it says.",
  "quit, Ctrl-C, and Ctrl-D on a terminal disconnect and end. The end of a script on stdin ends " +
  "only who isn't online: others log what comes until they are told to stop.",
  "msend --stdin multicasts each line of stdin, in the name of a participant that another process " +
  "keeps online; it needs no log. Its bytes are sent as they stand, but for the line break: LF, or " +
  "CR LF.",
  "Without a terminal stdout has lines of NUMBER SENDER: TEXT, and the answers. With --json stdout " +
  "has the events ready, listening, connected, unconnected, message, ok, error, changed and " +
  "warning.",
];

const CONFIG = valueParser({
  metavar: "CONFIG",
  example: "a.conf",
  parse: parsePath,
  format: String,
  complete: (prefix) => prefix.startsWith("-") ? [] : [completePath(prefix, "file")],
});

/** Reads the options. */
export const parser = merge(
  object("Arguments", {
    config: optional(
      argument(CONFIG, { description: [text("A file with ID, log file and coordinator")] }),
    ),
    action: optional(
      argument(word({ metavar: "msend", noun: "action", known: ["msend"] }), { hidden: true }),
    ),
  }),
  object("Options", {
    id: maybe("--id", memberId(), "What the participant is called, unique in the group"),
    log: maybe("--log", file(), "Where messages are logged; a log that is there is continued"),
    coordinator: maybe("--coordinator", connectAddress(), "The coordinator"),
    listen: maybe(
      "--listen",
      listenAddress(),
      "Where to listen for messages (TCP), unless a command names a port; port 0 means any " +
        "(default: any port of the address from which the coordinator is reached)",
    ),
    advertise: maybe(
      "--advertise",
      listenAddress(),
      "The address that the coordinator uses, behind NAT or in a cloud; port 0 means the one that " +
        "is listened on (default: the one of --listen)",
    ),
    exec: maybe(
      "--exec",
      valueParser({ metavar: "COMMANDS", example: "register", parse: String, format: String }),
      "First do these commands, with semicolons between them; \\; is a semicolon in a message, " +
        "\\\\ a backslash. If one of them fails, the exit code will be 1",
    ),
    takeOver: toggle(
      ["--take-over"],
      "Take the place of another process of this ID that is online, instead of being refused",
    ),
    timeout: defaulted(
      "--timeout",
      duration({ minMs: 1, maxMs: 3_600_000 }),
      10_000,
      "How long to try to reach the coordinator before a command fails",
    ),
    stdin: toggle(["--stdin"], "With msend: multicast each line of stdin"),
  }),
  outputOptions,
);

/** The options of `mpcomm participant`. */
export type ParticipantOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  {
    args: "participant --id a --log a.log --coordinator 127.0.0.1:5000",
    does: "type register, then msend hello",
  },
  { args: "participant a.conf --exec register", does: "the same from a file, at once registered" },
  { args: "participant a.conf msend --stdin", does: "meanwhile, multicast the lines of a file" },
];

/** Whether the lines of stdin are to be multicast. Without a config file, `msend` is read in its
 * place. */
export function sendsLines({ config, action, stdin }: ParticipantOptions): boolean {
  return action !== undefined || stdin && config === "msend";
}

/** Refuses what doesn't go together, and what is missing. */
export function check(options: ParticipantOptions): void {
  const { config, action, stdin, exec } = options;
  const isSending = sendsLines(options);
  if (isSending && !stdin) throw new UsageError("msend: needs --stdin");
  if (stdin && !isSending) throw new UsageError("--stdin: goes with msend, as in msend --stdin");
  if (isSending && exec !== undefined) {
    throw new UsageError("--exec: doesn't go with msend --stdin");
  }
  if (config !== undefined && !(isSending && action === undefined)) return;
  for (const name of ["id", "log", "coordinator"] as const) {
    if (options[name] !== undefined || isSending && name === "log") continue;
    throw new UsageError(`--${name} is missing (or a config file)`);
  }
}

/** Takes part until it is told to stop; returns the exit code. */
export async function run(options: ParticipantOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_participant.ts")).runParticipant(options, terminal);
}
