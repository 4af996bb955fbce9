/**
 * Whether what is heard is what was said.
 *
 * @module
 */

import {
  type GossipHistory,
  type RumorHeard,
  rumorKey,
  type RumorSaid,
} from "../../history/gossip_history.ts";
import { formatRumor, formatTime, type GossipViolation } from "./verdict.ts";

/** Checks that everything that is heard was said before, with the same text, and that who says something
 * hears it. */
export function checkIntact({ events }: GossipHistory): GossipViolation | null {
  const said = new Map<string, RumorSaid>();
  const unheard = new Map<string, RumorSaid>();
  for (const event of events) {
    if (event.event === "said") {
      const key = rumorKey({ origin: event.node, run: event.run, seq: event.seq });
      said.set(key, event);
      unheard.set(key, event);
    } else if (event.event === "heard") {
      const key = rumorKey(event.rumor);
      const witness = findWrong(event, said.get(key));
      if (witness !== null) return { property: "intact", witness };
      if (event.by === "self") unheard.delete(key);
    }
  }
  for (const { node, at, seq } of unheard.values()) {
    const witness = `node ${node} did not hear what its own user said as his rumor ${seq} at ` +
      formatTime(at);
    return { property: "intact", witness };
  }
  return null;
}

function findWrong({ rumor, text, node, at, by }: RumorHeard, said?: RumorSaid): string | null {
  const heard = `node ${node} heard ${formatRumor(rumor)} at ${formatTime(at)}`;
  if (said === undefined) return `${heard}, which nobody had said`;
  if (text !== said.text) return `${heard} with another text than was said`;
  const isOwn = said.node === node && by === "self";
  return by === "self" && !isOwn ? `${heard} as its own` : null;
}
