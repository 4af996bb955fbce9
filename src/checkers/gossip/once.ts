/**
 * Whether anybody hears a rumor twice.
 *
 * @module
 */

import { type GossipHistory, rumorKey } from "../../history/gossip_history.ts";
import { formatRumor, formatTime, type GossipViolation, processKey } from "./verdict.ts";

/** Checks that each process hears each rumor at most once. */
export function checkOnce({ events }: GossipHistory): GossipViolation | null {
  const heardAt = new Map<string, number>();
  for (const event of events) {
    if (event.event !== "heard") continue;
    const key = `${processKey(event)} ${rumorKey(event.rumor)}`;
    const before = heardAt.get(key);
    if (before !== undefined) {
      const witness = `node ${event.node} heard ${formatRumor(event.rumor)} again at ` +
        `${formatTime(event.at)}, after it had heard it at ${formatTime(before)}`;
      return { property: "once", witness };
    }
    heardAt.set(key, event.at);
  }
  return null;
}
