/**
 * Uniform agreement: what one process delivers, every correct process delivers.
 *
 * Uniform: the one may have crashed since, its delivery counts. Only a process that came to the
 * end of the run can be said never to have delivered something; one that did not, or that left no
 * journal, makes the verdict inconclusive where somebody else's delivery is missing.
 *
 * A message that nobody delivered breaks no agreement (but its sender's validity).
 *
 * Hadzilacos and Toueg 1994, section 4.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holdsUnless, inconclusive, type Verdict, violated } from "./verdict.ts";

/** Judges uniform agreement, in time O(D) for D deliveries. */
export function checkAgreement(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length === 0) return inconclusive("agreement", "there is no journal");
  const complete = index.logs.filter((log) => log.complete);
  const short = findShort(index, complete);
  if (short !== null) {
    const lacking = complete.find((log) => !log.firsts.includes(short.m))!;
    return violated(
      "agreement",
      `process ${short.log.process} delivered ${index.nameOf(short.m)}, ` +
        `process ${lacking.process} never did`,
      [index.sight(short.log, short.m), index.sight(lacking, short.m)],
    );
  }
  return holdsUnless("agreement", findDoubt(index));
}

interface Delivery {
  log: DeliveryLog;
  m: number;
}

/** Finds a delivery of a message that not all of `expected` delivered. */
function findShort(index: MessageIndex, expected: readonly DeliveryLog[]): Delivery | null {
  const deliveredBy = new Uint32Array(index.size);
  for (const { firsts } of expected) {
    for (const m of firsts) deliveredBy[m]!++;
  }
  for (const log of index.logs) {
    for (const m of log.firsts) {
      if (deliveredBy[m]! < expected.length) return { log, m };
    }
  }
  return null;
}

function findDoubt(index: MessageIndex): string | null {
  const delivered = index.logs.some(({ firsts }) => firsts.length > 0);
  const missing = index.withoutJournal();
  if (delivered && missing !== undefined) return `process ${missing} left no journal`;
  const short = findShort(index, index.logs);
  if (short === null) return null;
  const lacking = index.logs.find((log) => !log.firsts.includes(short.m))!;
  return `process ${lacking.process} did not come to the end and has not delivered ` +
    index.nameOf(short.m);
}
