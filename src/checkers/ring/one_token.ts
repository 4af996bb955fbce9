/**
 * Whether there is one token in each epoch.
 *
 * @module
 */

import type { RingHistory, TokenArrived } from "../../history/ring_history.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** Checks that in each epoch the token comes with one number after the other: a second token has numbers of
 * its own. */
export function checkOneToken({ events }: RingHistory): RingViolation | null {
  const last = new Map<number, TokenArrived>();
  for (const event of events) {
    if (event.event !== "arrived") continue;
    const before = last.get(event.epoch);
    if (before !== undefined && event.sequence !== before.sequence + 1) {
      const witness =
        `in epoch ${event.epoch} token ${event.sequence} came to node ${event.node} at ` +
        `${formatTime(event.at)}, after token ${before.sequence} had come to node ${before.node}`;
      return { property: "one-token", witness };
    }
    last.set(event.epoch, event);
  }
  return null;
}
