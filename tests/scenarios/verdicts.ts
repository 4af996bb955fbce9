/**
 * What the checkers say about a scenario.
 *
 * @module
 */

import { judge } from "../../src/checkers/judge.ts";
import { type Outcome, PROPERTIES } from "../../src/checkers/verdict.ts";
import { Journal } from "../../src/history/journal.ts";
import type { Run } from "../../src/history/run.ts";

/** The verdicts in a few lines, a witness for each violation. */
export function describeVerdicts(run: Run): string[] {
  const { verdicts } = judge(run);
  const lines = (["holds", "inconclusive"] as const).flatMap((outcome) => {
    const named = PROPERTIES.filter((property) => verdicts[property].outcome === outcome);
    return named.length === 0 ? [] : [`${label(outcome)}: ${named.join(", ")}`];
  });
  for (const property of PROPERTIES) {
    const { outcome, witness } = verdicts[property];
    if (outcome === "violated") lines.push(`violated: ${property}, ${witness!.sentence}`);
  }
  return lines;
}

function label(outcome: Outcome): string {
  return outcome === "holds" ? "hold" : outcome;
}

/** The journals as a program would have them that sorts its log before it shows it: each process's
 * deliveries by message number and sender. */
export function sortedAtEnd(run: Run): Run {
  const journals = new Map([...run.journals].map(([p, journal]) => [p, sortDeliveries(journal)]));
  return { ...run, journals };
}

function sortDeliveries(journal: Journal): Journal {
  const sorted = new Journal(journal.process);
  const deliveries: { sender: number; seq: number }[] = [];
  for (let i = 0; i < journal.length; i++) {
    const [sender, seq] = [journal.senderAt(i), journal.seqAt(i)];
    if (journal.kindAt(i) === "multicast") sorted.multicast(seq, NaN, NaN, -1);
    if (journal.kindAt(i) === "deliver") deliveries.push({ sender, seq });
  }
  deliveries.sort((a, b) => a.seq - b.seq || a.sender - b.sender);
  for (const { sender, seq } of deliveries) sorted.deliver(sender, seq, NaN, NaN);
  return sorted;
}
