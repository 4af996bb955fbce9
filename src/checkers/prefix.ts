/**
 * Prefix: every delivery log is a prefix of the longest one.
 *
 * This is what total order and agreement look like while a run goes on, and the strictest of the
 * properties: position by position, duplicates included. A shorter log is fine. A damaged journal
 * may have lost a line in the middle, so that its disagreement proves nothing: inconclusive.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holdsUnless, inconclusive, type Sighting, type Verdict, violated } from "./verdict.ts";

/** Judges the prefix property, in time O(D) for D deliveries. */
export function checkPrefix(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length < Math.min(2, Math.max(1, run.processes))) {
    return inconclusive(
      "prefix",
      `there ${index.logs.length === 0 ? "is no" : "is only one"} journal`,
    );
  }
  const longest = findLongest(index.logs);
  let doubt: string | null = null;
  for (const log of index.logs) {
    const position = findDifference(log, longest);
    if (position < 0) continue;
    const [here, there] = [sight(log, position, index), sight(longest, position, index)];
    if (!log.damaged && !longest.damaged) {
      return violated(
        "prefix",
        `delivery ${position + 1} is ${here.message} at process ${here.process}, ` +
          `but ${there.message} at process ${there.process}, whose log is the longest`,
        [here, there],
      );
    }
    doubt ??= `process ${log.process}'s log differs from process ${longest.process}'s, ` +
      "and one of them is damaged";
  }
  return holdsUnless("prefix", doubt);
}

/** The longest log that is not damaged, where there is one; of equals, the first. */
function findLongest(logs: readonly DeliveryLog[]): DeliveryLog {
  return logs.reduce((best, log) => {
    if (log.damaged !== best.damaged) return best.damaged ? log : best;
    return log.messages.length > best.messages.length ? log : best;
  });
}

/** The first position at which two logs deliver different messages; -1 if one is a prefix. */
function findDifference({ messages: a }: DeliveryLog, { messages: b }: DeliveryLog): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return i;
  }
  return -1;
}

function sight(log: DeliveryLog, position: number, index: MessageIndex): Sighting {
  const message = index.nameOf(log.messages[position]!);
  return { process: log.process, position, message };
}
