/**
 * `mpcomm compare`: the comparison server, and the judge of logs.
 *
 * @module
 */

import { merge, object, or } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import type { InferValue } from "@optique/core/parser";
import { ORDERS } from "../protocols/process.ts";
import type { Example } from "./command.ts";
import { defaulted, maybe, outputOptions, required } from "./options.ts";
import { checkLog, checkSenders, experimentOptions, messageCount } from "./experiment_options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { connectAddress } from "./values/address.ts";
import { formatOrderList, orderList } from "./values/order_list.ts";
import { directory } from "./values/path.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** What follows `mpcomm`. */
export const usage = ["compare --manager HOST:PORT [OPTIONS]", "compare --logs DIR [OPTIONS]"];

/** What the command does. */
export const description = [
  "Starts the registered processes, collects what each delivered, and says which properties held " +
  "and in how many rounds the processes disagreed. Without --messages it asks for their number, " +
  "runs, and asks again; 0 ends.",
  "With --logs it judges logs that exist already: the *.jsonl files of a folder as one run, or " +
  "each of its subfolders as a run of the order that it is named after.",
  "Exit code 3: a property is violated that its order promises. Exit code 1: processes did not come " +
  "to the end, or logs don't suffice to judge what was promised.",
];

const withManager = object("Start a run", {
  manager: required("--manager", connectAddress(), "The group manager that knows the processes"),
  peers: maybe(
    "--peers",
    wholeNumber("N", { min: 1, max: 200 }),
    "Wait until so many are registered (default: those that are, at least 1)",
  ),
  messages: maybe("--messages", messageCount(), "Messages from each process (default: ask)"),
  order: defaulted(
    "--order",
    orderList(),
    ["lamport"],
    `Orders to run one after the other: ${ORDERS.join(", ")}`,
  ),
  ...experimentOptions(),
});

const withLogs = object("Judge logs", {
  logs: required("--logs", directory(), "The folder with the logs"),
  order: defaulted(
    "--order",
    orderList(),
    ["lamport"],
    "The one order that was promised, where no subfolder's name says it",
  ),
});

/** Reads the options. */
export const parser = merge(
  or(withManager, withLogs, { errors: { noMatch: [text("--manager or --logs is missing")] } }),
  outputOptions,
);

/** The options of `mpcomm compare`; `"logs" in options` tells the two uses apart. */
export type CompareOptions = InferValue<typeof parser>;

/** The options of `mpcomm compare --logs`. */
export type CompareLogsOptions = Extract<CompareOptions, { readonly logs: string }>;

/** The options of `mpcomm compare --manager`. */
export type CompareRunOptions = Exclude<CompareOptions, CompareLogsOptions>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "compare --manager 127.0.0.1:5678", does: "ask for the number of messages" },
  {
    args: "compare --manager 127.0.0.1:5678 --peers 6 --messages 50 --order none,lamport",
    does: "wait for six processes, run both orders",
  },
  {
    args: "compare --manager 127.0.0.1:5678 --messages 100 --seed 7 --out logs --json",
    does: "keep the logs",
  },
  { args: "compare --logs logs", does: "judge them again" },
];

/** Refuses several orders for one set of logs, more senders than processes, and a folder for logs
 * that are not kept. */
export function check(options: CompareOptions): void {
  if (!("logs" in options)) {
    checkSenders(options.senders, options.peers);
    checkLog(options.log, options.out);
  }
  if ("logs" in options && options.order.length > 1) {
    throw new UsageError(
      `--order: --logs takes one order, got "${formatOrderList(options.order)}"`,
    );
  }
}

/** Runs and judges, or judges only; returns the exit code. */
export async function run(options: CompareOptions, terminal: Terminal): Promise<number> {
  if ("logs" in options) {
    return await (await import("./run_compare_logs.ts")).runCompareLogs(options, terminal);
  }
  return await (await import("./run_compare.ts")).runCompare(options, terminal);
}
