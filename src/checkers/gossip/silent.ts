/**
 * Whether telling rumors comes to an end.
 *
 * @module
 */

import type { GossipHistory } from "../../history/gossip_history.ts";
import { formatRumor, formatTime, type GossipViolation } from "./verdict.ts";

/** Checks that in the end nobody has a rumor that it tells, and that nobody has told one since it became
 * still. A run that ended before all was well shows nothing. */
export function checkSilent(
  { knowledge, tellings, settledAt, stillAt, endAt }: GossipHistory,
): GossipViolation | null {
  if (settledAt === Infinity) return null;
  for (const [node, known] of knowledge.entries()) {
    if (known === null || known.hot === 0) continue;
    const witness = `node ${node} was still telling ${known.hot} rumors in the end, at ` +
      formatTime(endAt);
    return { property: "silent", witness };
  }
  const late = tellings.find(({ lastAt }) => lastAt > stillAt);
  if (late === undefined) return null;
  const witness =
    `node ${late.node} told ${formatRumor(late.rumor)} at ${formatTime(late.lastAt)}, ` +
    `though everybody had everything and it was still since ${formatTime(stillAt)}`;
  return { property: "silent", witness };
}
