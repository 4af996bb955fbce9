/**
 * What is to be seen in a comparison, in a few sentences.
 *
 * @module
 */

import type { RunEvent } from "./run_event.ts";

/** Sentences for people; none where there is nothing to say. */
export function tellRuns(runs: readonly RunEvent[]): string[] {
  const told = runs.filter(({ peers, rounds }) => peers >= 2 && rounds > 0);
  const disordered = told.filter(isDisordered);
  return [
    ...disordered.map(tellDisorder),
    ...tellOrder(told.filter(isOrdered)),
    ...tellCost(told),
  ];
}

/** Did everybody deliver everything in one order? */
function isOrdered({ roundsOutOfOrder, lost, rounds, messages, properties }: RunEvent): boolean {
  return roundsOutOfOrder === 0 && lost === 0 && rounds === messages &&
    properties.total === "holds";
}

/** Is it known that processes disagreed? */
function isDisordered({ roundsOutOfOrder }: RunEvent): boolean {
  return roundsOutOfOrder !== null && roundsOutOfOrder > 0;
}

function tellDisorder(run: RunEvent): string {
  const { order, peers, rounds, roundsOutOfOrder, lost } = run;
  return `${NAMES.get(order) ?? `With the order ${order}`} ${theProcesses(peers)} disagreed in ` +
    `${roundsOutOfOrder} of ${rounds} rounds: ` +
    `${lost !== null && lost > 0 ? `${never(lost)}, and ` : ""}${why(run)}.`;
}

function never(lost: number): string {
  return lost === 1 ? "1 delivery never came" : `${lost} deliveries never came`;
}

/** Why processes disagreed, although the order did what it promises. */
function why({ order, properties }: RunEvent): string {
  if (order === "causal") {
    return "what a message may depend on came before it, but messages that don't depend on each other " +
      "came in any order";
  }
  if (order !== "fifo") return "each process took the messages in an order of its own";
  return "each sender's messages came in their order, but those of different senders in any" +
    (properties.causal === "violated" ? ", an answer even before what it answers" : "");
}

/** How a sentence about an order begins. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["none", "Without coordination (none)"],
  ["fifo", "With fifo"],
  ["causal", "With vector clocks (causal)"],
]);

/** One sentence for all orders that led to one order. */
function tellOrder(runs: readonly RunEvent[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const everybody = first.peers === 2 ? "both processes" : `all ${first.peers} processes`;
  const rounds = new Set(runs.map((run) => run.rounds));
  const messages = rounds.size === 1 ? `the same ${first.rounds} messages` : "the same messages";
  return [
    `With ${list(runs.map(({ order }) => order))}, ${everybody} delivered ${messages} in the ` +
    `same order.`,
  ];
}

/** What the orders with total order cost, beside one without. */
function tellCost(runs: readonly RunEvent[]): string[] {
  const before = runs.find((run) => isDisordered(run) && run.latencyMs !== null);
  if (before === undefined) return [];
  const dearer = runs.filter((run) =>
    isOrdered(run) && run.latencyMs !== null && run.latencyMs.p50 > before.latencyMs!.p50
  );
  if (dearer.length === 0) return [];
  const each = (run: RunEvent) => `${milliseconds(run.latencyMs!.p50)} with ${run.order}`;
  const reasons = dearer.flatMap(({ order }) => PRICES.get(order) ?? []);
  return [
    `That is the price of order: half of the messages took up to ${list(dearer.map(each))}, and ` +
    `${each(before)}.${reasons.map((reason) => ` ${reason}`).join("")}`,
  ];
}

/** What an order waits for. */
const PRICES: ReadonlyMap<string, string> = new Map([
  [
    "lamport",
    "lamport waits until nothing can come that belongs before, and until everybody is known to have " +
    "the message.",
  ],
  ["sequencer", "sequencer waits for the word of one process, which all messages go by."],
]);

function theProcesses(peers: number): string {
  return peers === 2 ? "the two processes" : `the ${peers} processes`;
}

/** `a`, `a and b`, `a, b and c`. */
function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** In tenths where it is short. */
function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
