/**
 * `mpcomm gossip`: rumors that spread from node to node until everybody has them.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { checkReaction, K_MAX, mongeringOptions } from "./mongering_options.ts";
import { defaulted, maybe, outputOptions, required } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { duration } from "./values/duration.ts";
import { durationOrOff } from "./values/duration_or_off.ts";
import { link } from "./values/link.ts";
import { name } from "./values/name.ts";
import { names } from "./values/names.ts";
import { file } from "./values/path.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** What follows `mpcomm`. */
export const usage = ["gossip --machines FILE [OPTIONS]"];

/** What the command does. */
export const description = [
  "What one node says, all get to know: a node that hears a rumor tells it to others, drawn at random, " +
  "until it meets those who know it already. Whoever was missed, cut off or late gets it by " +
  "anti-entropy: two nodes compare all that they have had.",
  "The file has lines of NAME HOST:PORT (# begins a comment), or is a JSON object " +
  '{"NAME": "HOST:PORT"}. It needn\'t be the same everywhere: to be in the network it is enough to ' +
  "add one node that is in it. Nodes tell each other of all others, and of those that are gone.",
  "Commands, one a line: add NAME (of a node in the file; it adds this one too), say TEXT, list (the " +
  "rumors that are kept), status, help, quit. quit, Ctrl-C, and Ctrl-D on a terminal tell the others " +
  "goodbye. The end of a script on stdin is no quit: the node goes on until it is told to stop.",
  "Each new rumor is printed once, with the node that said it and the hops that it took to here.",
  "With --json stdout has the events listening, rumor, peer, ok, error, and at the end summary.",
];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    machines: required("--machines", file(), "The names and addresses of nodes, this one's too"),
    name: maybe("--name", name(), "The node's name in the file (default: ask on a terminal)"),
    peers: maybe(
      "--peers",
      names(),
      "Begin by adding these nodes (default: ask on a terminal, else none)",
    ),
    generate: maybe(
      "--generate",
      duration({ minMs: 10, maxMs: 86_400_000 }),
      "Say a word at random times, with such a pause between two on average (default: say nothing)",
    ),
    words: maybe("--words", file(), "Take the words from here, one a line (default: some English)"),
  }),
  object("How rumors spread", {
    ...mongeringOptions,
    k: defaulted(
      "--k",
      wholeNumber("K", { min: 1, max: K_MAX }),
      5,
      "The larger, the fewer nodes are missed, and the more is sent",
    ),
    fanout: defaulted(
      "--fanout",
      wholeNumber("N", { min: 1, max: 100 }),
      3,
      "So many partners at a time. More is faster, and sent oftener to who knows it already",
    ),
    interval: defaulted(
      "--interval",
      duration({ minMs: 10, maxMs: 60_000 }),
      200,
      "Between two times. What is new goes on at once",
    ),
    antiEntropy: defaulted(
      "--anti-entropy",
      durationOrOff({ minMs: 100, maxMs: 3_600_000 }),
      10_000,
      "How often a node compares all that it has had with another one, on average. off: who is " +
        "missed stays so",
    ),
    link: maybe(
      "--link",
      link(),
      "Emulate a bad network for datagrams on the way out: delay=40ms, jitter=5ms, loss=1%, " +
        "duplicate=1%, reorder=1%, or several with commas between them (default: nothing)",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm gossip`. */
export type GossipOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "gossip --machines m.txt", does: "asks for the names; type say hello" },
  {
    args: "gossip --machines m.txt --name a --peers b,c --generate 30s",
    does: "a word every half minute or so",
  },
  {
    args: "gossip --machines m.txt --name b --peers a --mode push-pull --blind --k 2 --json",
    does: "other ways to spread, for a program",
  },
];

/** Refuses what doesn't go together. */
export function check({ feedback, blind, words, generate }: GossipOptions): void {
  checkReaction({ feedback, blind });
  if (words !== undefined && generate === undefined) {
    throw new UsageError("--words: goes with --generate");
  }
}

/** Takes part until it is told to stop; returns the exit code. */
export async function run(options: GossipOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_gossip.ts")).runGossip(options, terminal);
}
