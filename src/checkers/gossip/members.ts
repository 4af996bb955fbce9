/**
 * Whether the nodes know one another once all is well.
 *
 * @module
 */

import type { GossipHistory } from "../../history/gossip_history.ts";
import { formatTime, type GossipViolation } from "./verdict.ts";

/** Checks that in the end each node sees all that are up and nobody else, and that since all was well
 * nobody has come or gone. A run that ended before shows nothing. */
export function checkMembers(history: GossipHistory): GossipViolation | null {
  if (history.settledAt === Infinity) return null;
  const witness = findChange(history) ?? findDifference(history);
  return witness === null ? null : { property: "members", witness };
}

function findChange({ events, settledAt }: GossipHistory): string | null {
  for (const event of events) {
    if (event.event !== "peer" || event.at < settledAt) continue;
    return `although all was well since ${formatTime(settledAt)}, node ${event.node} took node ` +
      `${event.other} for ${event.isUp ? "up" : "down"} at ${formatTime(event.at)}`;
  }
  return null;
}

function findDifference({ knowledge }: GossipHistory): string | null {
  const up = [...knowledge.keys()].filter((node) => knowledge[node] !== null);
  for (const [node, known] of knowledge.entries()) {
    if (known === null) continue;
    const missing = up.filter((other) => !known.up.includes(other));
    const tooMany = known.up.filter((other) => !up.includes(other));
    if (missing.length > 0) return `in the end node ${node} did not see node ${missing.join(", ")}`;
    if (tooMany.length > 0) {
      return `in the end node ${node} saw node ${tooMany.join(", ")}, which was not up`;
    }
  }
  return null;
}
