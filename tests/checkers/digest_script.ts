/**
 * Digests of runs that are written down as scripts or drawn at random.
 *
 * @module
 */

import type { DigestRun } from "../../src/checkers/digest_run.ts";
import { DeliveryDigest } from "../../src/history/delivery_digest.ts";
import type { Journal } from "../../src/history/journal.ts";
import type { Run } from "../../src/history/run.ts";

/** What the processes of a run would have kept without a log. */
export function digestsOf({ processes, journals, incomplete }: Run): DigestRun {
  const digests = new Map([...journals].map(([process, journal]) => {
    const digest = new DeliveryDigest(process, processes);
    for (let i = 0; i < journal.length; i++) {
      const [sender, seq] = [journal.senderAt(i), journal.seqAt(i)];
      if (journal.kindAt(i) === "multicast") digest.multicast(seq);
      else if (journal.kindAt(i) === "deliver") {
        digest.deliver(sender, seq, journal.timeAt(i), journal.atAt(i));
      }
    }
    return [process, digest.summary()] as const;
  }));
  return { processes, digests, incomplete };
}

/** Can the run's processes have been mpcomm's own? They number their messages 1, 2, 3... and note
 * each multicast, and they know no senders but each other. */
export function isDigestible({ processes, journals }: Run): boolean {
  let multicasts = 0;
  let deliveries = 0;
  for (const journal of journals.values()) {
    let next = 1;
    for (let i = 0; i < journal.length; i++) {
      if (journal.seqAt(i) < 1 || journal.senderAt(i) >= processes) return false;
      if (journal.kindAt(i) === "deliver") deliveries++;
      if (journal.kindAt(i) !== "multicast") continue;
      if (journal.seqAt(i) !== next++) return false;
      multicasts++;
    }
  }
  return multicasts > 0 || deliveries === 0;
}

/** Has the journal a time for each delivery, none before the last? */
export function isTimed(journal: Journal): boolean {
  let last = -Infinity;
  for (let i = 0; i < journal.length; i++) {
    if (journal.kindAt(i) !== "deliver") continue;
    if (!(journal.atAt(i) >= last)) return false;
    last = journal.atAt(i);
  }
  return true;
}
