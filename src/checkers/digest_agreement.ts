/**
 * Uniform agreement, as far as digests prove it: what one process delivers, every correct one does.
 *
 * Three things prove a breach: a process delivered a higher number of some sender than a complete
 * one did; or more different messages; or as many, and not the same. Agreement is proved where
 * every process delivered all of each sender up to the highest number that anybody did, or where
 * the sets of all have the same fingerprint.
 *
 * @module
 */

import type { DigestLog, DigestRun } from "./digest_run.ts";
import { highestOf, isPlaced, leastDifferent, mostDifferent, sum } from "./digest_run.ts";
import { holds, inconclusive, type Verdict, violated } from "./verdict.ts";

/** Judges uniform agreement by digests, in time O(N³) for N processes. */
export function judgeDigestAgreement(run: DigestRun, logs: readonly DigestLog[]): Verdict {
  if (logs.length === 0) return inconclusive("agreement", "there is no digest");
  const breach = findHigher(logs) ?? findMore(logs) ?? findOther(logs);
  if (breach !== null) return breach;
  const missing = missingProcess(run);
  const delivered = logs.some(({ digest }) => digest.senders.some(({ highest }) => highest > 0));
  if (delivered && missing !== undefined) {
    return inconclusive("agreement", `process ${missing} left no digest`);
  }
  if (isWhole(logs) || isSameSet(logs)) return holds("agreement");
  const late = logs.find(({ complete }) => !complete);
  return inconclusive(
    "agreement",
    late === undefined
      ? "messages are missing, and no logs were kept to say which"
      : `process ${late.process} did not come to the end and has not delivered everything`,
  );
}

/** Finds a message beyond the highest number that a complete process delivered of its sender. */
function findHigher(logs: readonly DigestLog[]): Verdict | null {
  for (const other of logs.filter(({ complete }) => complete)) {
    for (const { process, digest } of logs) {
      const sender = digest.senders.findIndex(({ highest }, s) =>
        highest > other.digest.senders[s]!.highest
      );
      if (sender < 0) continue;
      const message = `${sender}:${digest.senders[sender]!.highest}`;
      const sentence =
        `process ${process} delivered ${message}, process ${other.process} never did`;
      return violated("agreement", sentence, [
        { process: other.process, position: -1, message },
      ]);
    }
  }
  return null;
}

/** Finds a process that delivered more messages of a sender than a complete one. */
function findMore(logs: readonly DigestLog[]): Verdict | null {
  for (const other of logs.filter(({ complete }) => complete)) {
    for (const log of logs) {
      const sender = log.digest.senders.findIndex((counts, s) =>
        leastDifferent(counts) > mostDifferent(other.digest.senders[s]!)
      );
      if (sender < 0) continue;
      const [more, fewer] = [log, other].map(({ digest }) =>
        mostDifferent(digest.senders[sender]!)
      );
      return breachOf(
        log,
        other,
        `process ${log.process} delivered ${more} messages of process ${sender}, process ` +
          `${other.process} only ${fewer}`,
      );
    }
  }
  return null;
}

/** Finds two processes with other sets, the one that came to the end not the larger: it lacks
 * something. */
function findOther(logs: readonly DigestLog[]): Verdict | null {
  const placed = logs.filter(({ digest }) => isPlaced(digest));
  for (const other of placed.filter(({ complete }) => complete)) {
    for (const log of placed) {
      const isOther = log.digest.setHash !== other.digest.setHash;
      if (!isOther || size(log) < size(other)) continue;
      return breachOf(
        log,
        other,
        `process ${log.process} delivered a message that process ${other.process} never did`,
      );
    }
  }
  return null;
}

/** A breach of which the processes are known, and not the message. */
function breachOf(log: DigestLog, other: DigestLog, sentence: string): Verdict {
  const verdict = violated("agreement", sentence, []);
  return {
    ...verdict,
    witness: { ...verdict.witness!, processes: [log.process, other.process] },
  };
}

/** How many different messages a process delivered. */
function size({ digest }: DigestLog): number {
  return sum(digest.senders, leastDifferent);
}

/** Did each process deliver all messages up to the highest of each sender? */
function isWhole(logs: readonly DigestLog[]): boolean {
  return logs[0]!.digest.senders.every((_, sender) => {
    const highest = highestOf(sender, logs);
    return logs.every(({ digest }) => leastDifferent(digest.senders[sender]!) === highest);
  });
}

function isSameSet(logs: readonly DigestLog[]): boolean {
  return logs.every(({ digest }) => isPlaced(digest) && digest.setHash === logs[0]!.digest.setHash);
}

function missingProcess({ processes, digests }: DigestRun): number | undefined {
  for (let process = 0; process < processes; process++) {
    if (!digests.has(process)) return process;
  }
  return undefined;
}
