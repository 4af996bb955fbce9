/**
 * What is to be seen in a comparison, in two or three sentences.
 *
 * @module
 */

import type { RunEvent } from "./run_event.ts";

/** Sentences for people; none where there is nothing to say. */
export function tellRuns(runs: readonly RunEvent[]): string[] {
  const sentences = runs.flatMap((run) => tellRun(run) ?? []);
  const cost = tellCost(runs);
  if (cost !== null) sentences.push(cost);
  return sentences;
}

function tellRun(run: RunEvent): string | null {
  const { order, peers, rounds, roundsOutOfOrder, properties, lost, messagesPerPeer } = run;
  if (peers < 2 || rounds === 0) return null;
  const all = lost === 0 && rounds === peers * messagesPerPeer;
  if (roundsOutOfOrder > 0) {
    return `${how(order)} the ${peers} processes disagreed in ${roundsOutOfOrder} of ${rounds} ` +
      `rounds: ${lost > 0 ? `${lost} deliveries never came, and ` : ""}each process took the ` +
      `messages in an order of its own.`;
  }
  if (!all || properties.total !== "holds") return null;
  return `${how(order)} ${everybody(peers)} delivered the same ${rounds} messages in the ` +
    `same order.`;
}

/** All of them, in words. */
function everybody(peers: number): string {
  return peers === 2 ? "both processes" : `all ${peers} processes`;
}

/** How a sentence about an order begins. */
function how(order: string): string {
  if (order === "none") return "Without coordination (none)";
  if (order === "lamport") return "With Lamport timestamps (lamport)";
  return `With the order ${order}`;
}

/** In tenths where it is short. */
function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** What the strongest order costs, beside the weakest. */
function tellCost(runs: readonly RunEvent[]): string | null {
  const disordered = runs.find((run) => run.roundsOutOfOrder > 0 && run.latencyMs !== null);
  const ordered = runs.findLast((run) => run.roundsOutOfOrder === 0 && run.latencyMs !== null);
  if (disordered === undefined || ordered === undefined) return null;
  const before = disordered.latencyMs!.p50;
  const after = ordered.latencyMs!.p50;
  if (!(after > before)) return null;
  return `That is the price of order: half of the messages took ${milliseconds(after)} instead ` +
    `of ${
      milliseconds(before)
    }, because a process waits until nothing can come that belongs before.`;
}
