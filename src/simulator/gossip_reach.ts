/**
 * How far mongering alone brought rumors: its residue.
 *
 * @module
 */

import { type GossipHistory, rumorKey } from "../history/gossip_history.ts";
import type { GossipFaultCounts } from "./gossip_faults.ts";

/** Counts, for the rumors that were said when all was well, how many processes each was to reach, and how
 * many it didn't reach as a rumor (Demers et al. 1987, section 1.4). */
export function countReach(
  { events, settledAt, knowledge }: GossipHistory,
): Pick<GossipFaultCounts, "toReach" | "unreached"> {
  const others = knowledge.filter((known) => known !== null).length - 1;
  const said = new Set<string>();
  let reached = 0;
  for (const event of events) {
    if (event.at < settledAt) continue;
    if (event.event === "said") {
      said.add(rumorKey({ origin: event.node, run: event.run, seq: event.seq }));
    } else if (event.event === "heard" && event.by === "rumor" && said.has(rumorKey(event.rumor))) {
      reached++;
    }
  }
  const toReach = said.size * Math.max(0, others);
  return { toReach, unreached: Math.max(0, toReach - reached) };
}
