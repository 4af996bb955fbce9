/**
 * A run of which digests were kept and no journals, and what follows from one digest.
 *
 * As with journals, what a *complete* process does not say did not happen; an *incomplete* one may
 * have gone on afterwards.
 *
 * @module
 */

import type { DigestSummary, SenderSummary } from "../history/delivery_digest.ts";
import type { ProcessId } from "../protocols/process.ts";

/** What the checkers judge where there are no journals. */
export interface DigestRun {
  /** How many processes the group had. */
  readonly processes: number;
  /** The digests there are, each with counts for all processes. */
  readonly digests: ReadonlyMap<ProcessId, DigestSummary>;
  /** The processes that did not come to the end of the run; among them all without a digest. */
  readonly incomplete: ReadonlySet<ProcessId>;
}

/** One process's digest, and whether it came to the end. */
export interface DigestLog {
  readonly process: ProcessId;
  readonly complete: boolean;
  readonly digest: DigestSummary;
}

/** The digests of a run by process number. */
export function digestLogs({ digests, incomplete }: DigestRun): DigestLog[] {
  return [...digests].sort(([a], [b]) => a - b).map(([process, digest]) => ({
    process,
    complete: !incomplete.has(process),
    digest,
  }));
}

/** How many different messages of a sender were delivered at least, ... */
export function leastDifferent({ delivered, repeated, unplaced }: SenderSummary): number {
  return delivered - repeated - unplaced;
}

/** ... and at most. */
export function mostDifferent(counts: SenderSummary): number {
  return Math.min(counts.delivered - counts.repeated, counts.highest);
}

/** How many deliveries a process made, the repeated ones included. */
export function deliveries({ senders }: DigestSummary): number {
  return sum(senders, ({ delivered }) => delivered);
}

/** Is it known of each delivery whether it came for the first time? */
export function isPlaced({ senders }: DigestSummary): boolean {
  return senders.every(({ unplaced }) => unplaced === 0);
}

/** The highest number that any process delivered of a sender's messages; 0 without any. */
export function highestOf(sender: ProcessId, logs: readonly DigestLog[]): number {
  return Math.max(0, ...logs.map(({ digest }) => digest.senders[sender]!.highest));
}

/** Adds up what `of` makes of each item. */
export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
