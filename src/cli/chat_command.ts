/**
 * `mpcomm chat`: a totally ordered chat between people.
 *
 * @module
 */

import { merge, object, or } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { maybe, outputOptions, required } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { connectAddress, listenAddress } from "./values/address.ts";
import { link } from "./values/link.ts";
import { name } from "./values/name.ts";
import { file } from "./values/path.ts";
import { rate } from "./values/rate.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** What follows `mpcomm`. */
export const usage = [
  "chat --peers FILE --name NAME [OPTIONS]",
  "chat --manager HOST:PORT --name NAME [OPTIONS]",
];

/** What the command does. */
export const description = [
  "A chat in which everyone sees every line in the same order: the total order of the protocol " +
  "lamport. Your own lines appear when they are delivered, in their place among the others.",
  "With --peers the group is what a file says, the same for everyone: lines of NAME HOST:PORT (# begins " +
  'a comment), or a JSON object {"NAME": "HOST:PORT"}. They may start in any order; the chat ' +
  "begins when all are there, and says for whom it waits. With --manager the group is whoever " +
  "is registered: the first begins alone, others join while it goes on.",
  "Whatever you type is multicast, a line at a time, except for commands: /start and /stop " +
  "generating lines, /who, /help and /quit. A line that begins with // is sent with one slash.",
  "/quit, Ctrl-C, and Ctrl-D on a terminal say goodbye, and the others go on. The end of a script on " +
  "stdin is no goodbye: the process delivers what the others say until it is told to stop, by " +
  "/quit as the script's last line (which waits for the chat to begin if there is something to " +
  "say) or by a signal.",
  "Without a terminal stdout has lines of NAME: TEXT, with control characters written out, and " +
  "stderr has the notices. With --json stdout has the events listening, waiting, view, deliver, " +
  "silent, heard, blocked, who, generating and warning.",
];

const withPeers = object("A group from a file", {
  peers: required("--peers", file(), "The names and UDP addresses of all, yourself included"),
});

const withManager = object("A group at a manager", {
  manager: required("--manager", connectAddress(), "The group manager to register with"),
  advertise: maybe(
    "--advertise",
    listenAddress(),
    "The UDP address that others use, behind NAT or in a cloud; port 0 means the one of --listen " +
      "(default: the one of --listen)",
  ),
});

/** Reads the options. */
export const parser = merge(
  or(withPeers, withManager, { errors: { noMatch: [text("--peers or --manager is missing")] } }),
  object("Options", {
    name: required("--name", name(), "Your name, unique in the group"),
    listen: maybe(
      "--listen",
      listenAddress(),
      "Where to receive (UDP); port 0 means any (default: your address in the file, or any port " +
        "of 127.0.0.1)",
    ),
    generate: maybe(
      "--generate",
      rate(),
      "Generate lines of random words at random times, so many on average: 2/s, 0.5/s, 30/min or " +
        "off (default: ask on a terminal, else off)",
    ),
    seed: maybe(
      "--seed",
      wholeNumber("SEED", { min: 0, max: 0xffff_ffff }),
      "Seed of the generated lines; names make them differ (default: a new one)",
    ),
    link: maybe(
      "--link",
      link(),
      "Emulate a bad network on the way out: delay=40ms, jitter=5ms, loss=1%, duplicate=1%, " +
        "reorder=1%, or several with commas between them (default: nothing)",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm chat`; `"peers" in options` tells the two uses apart. */
export type ChatOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "chat --peers peers.json --name alice", does: "the group of a file" },
  {
    args: "chat --manager 127.0.0.1:5678 --name bob --generate off",
    does: "whoever is registered with this machine's manager",
  },
  {
    args: "chat --peers peers.json --name carol --generate 2/s --link delay=40ms,loss=5% --json",
    does: "let the program talk, on a bad network",
  },
];

/** Takes part in the chat until it is told to stop; returns the exit code. */
export async function run(options: ChatOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_chat.ts")).runChat(options, terminal);
}
