/**
 * Whether comings and goings are told in turns.
 *
 * @module
 */

import type { GossipHistory } from "../../history/gossip_history.ts";
import { formatTime, type GossipViolation, processKey } from "./verdict.ts";

/** Checks that each process is told of another node that it has come, that it has gone, that it has come,
 * and so on; and nothing of itself. */
export function checkPeers({ events }: GossipHistory): GossipViolation | null {
  const up = new Set<string>();
  for (const event of events) {
    if (event.event !== "peer") continue;
    const { node, other, isUp, at } = event;
    const key = `${processKey(event)} ${other}`;
    if (node !== other && up.has(key) !== isUp) {
      if (isUp) up.add(key);
      else up.delete(key);
      continue;
    }
    const what = node === other ? "itself" : `node ${other}`;
    const again = node === other ? "" : ", as it was before";
    const witness = `node ${node} was told at ${formatTime(at)} that ${what} is ` +
      `${isUp ? "up" : "down"}${again}`;
    return { property: "peers", witness };
  }
  return null;
}
