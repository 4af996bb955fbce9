/**
 * Validity: a correct process delivers what it multicasts itself.
 *
 * Judged by the multicast events of each journal. A process that did not come to the end of the
 * run may have crashed (then it owes nothing) or may deliver later: its missing deliveries, or its
 * missing journal, make the verdict inconclusive and never violated.
 *
 * Hadzilacos and Toueg 1994, section 3.1.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holdsUnless, inconclusive, type Verdict, violated } from "./verdict.ts";

/** Judges validity, in time O(D) for D deliveries. */
export function checkValidity(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length === 0) return inconclusive("validity", "there is no journal");
  let doubt: string | null = null;
  for (const log of index.logs) {
    const m = findUndelivered(log, index);
    if (m < 0) continue;
    const message = index.nameOf(m);
    if (log.complete) {
      return violated(
        "validity",
        `process ${log.process} multicast ${message} and never delivered it`,
        [
          index.sight(log, m),
        ],
      );
    }
    doubt ??= `process ${log.process} did not come to the end and has not delivered its ${message}`;
  }
  return holdsUnless("validity", doubt ?? findUnknowable(index));
}

/** The first message that a process multicast and did not deliver; -1 if there is none. */
function findUndelivered(log: DeliveryLog, index: MessageIndex): number {
  const positions = index.positionsIn(log);
  for (const deed of log.deeds) {
    if (deed < 0 && positions[~deed] === -1) return ~deed;
  }
  return -1;
}

function findUnknowable(index: MessageIndex): string | null {
  if (!index.multicastsNoted && index.logs.some(({ firsts }) => firsts.length > 0)) {
    return "no journal notes a multicast";
  }
  const missing = index.withoutJournal();
  return missing === undefined ? null : `process ${missing} left no journal`;
}
