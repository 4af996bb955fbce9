/**
 * `mpcomm lab`: a whole experiment on this machine.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import { ORDERS } from "../protocols/process.ts";
import type { Example } from "./command.ts";
import { defaulted, maybe, outputOptions } from "./options.ts";
import { checkLog, checkSenders, experimentOptions, messageCount } from "./experiment_options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { link } from "./values/link.ts";
import { orderList } from "./values/order_list.ts";
import { percentage } from "./values/percentage.ts";
import { topology } from "./values/topology.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** What follows `mpcomm`. */
export const usage = ["lab [OPTIONS]"];

/** What the command does. */
export const description = [
  "Runs a whole experiment on this machine: a manager, a comparison server and the processes of a " +
  "group, each a real process with real sockets, with the network between cloud regions emulated. " +
  "Shows how often the processes disagree without coordination, and that they don't with it.",
  "Exit code 3: a property is violated that its order promises.",
];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    peers: defaulted("--peers", wholeNumber("N", { min: 1, max: 100 }), 6, "Processes"),
    messages: defaulted("--messages", messageCount(), 50, "Messages from each process"),
    order: defaulted(
      "--order",
      orderList(),
      ORDERS,
      `Orders to run one after the other: ${ORDERS.join(", ")}`,
    ),
    ...experimentOptions(),
  }),
  object("Emulated network", {
    topology: defaulted(
      "--topology",
      topology(),
      "aws-2020",
      "Delays between regions, which are given out in turn: aws-2020, lan or a file",
    ),
    loss: maybe(
      "--loss",
      percentage(),
      "Share of the datagrams that are lost, such as 1%; the same as --link loss=1% (default: " +
        "what the topology says)",
    ),
    link: maybe(
      "--link",
      link(),
      "What all links do to datagrams in place of what the topology says: delay=40ms, " +
        "jitter=5ms, loss=1%, duplicate=1%, reorder=1%, or several with commas between them",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm lab`. */
export type LabOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "lab", does: "see disorder, then its cure" },
  {
    args: "lab --peers 5 --messages 200 --order lamport --loss 20%",
    does: "total order on a terrible network",
  },
  {
    args: "lab --topology lan --link duplicate=10%,reorder=20% --seed 7",
    does: "a bad local network, repeatable",
  },
  {
    args: "lab --peers 3 --messages 100000 --payload 64 --interval 0ms --topology lan",
    does: "as fast as it goes",
  },
  {
    args: "lab --messages 1000 --interval 0ms --outstanding 1 --senders 1 --topology lan",
    does: "how long one message after the other takes",
  },
  {
    args: "lab --peers 3 --messages 1000000 --interval 0ms --topology lan --log none",
    does: "millions of messages in little memory",
  },
  { args: "lab --out logs --json", does: "keep the logs, print JSON" },
];

/** Refuses two rates of loss, more senders than processes, and a folder for logs that are not kept. */
export function check(options: LabOptions): void {
  checkSenders(options.senders, options.peers);
  checkLog(options.log, options.out);
  if (options.loss !== undefined && options.link?.lossRate !== undefined) {
    throw new UsageError("--loss: --link gives a loss too");
  }
}

/** Runs the experiment; returns the exit code. */
export async function run(options: LabOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_lab.ts")).runLab(options, terminal);
}
