/**
 * Whether fencing numbers grow.
 *
 * @module
 */

import type { LockGranted, RingHistory } from "../../history/ring_history.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** Checks that each grant has a higher number than the one before it. */
export function checkFencing({ events }: RingHistory): RingViolation | null {
  let last: LockGranted | null = null;
  for (const event of events) {
    if (event.event !== "granted") continue;
    if (last !== null && event.fence <= last.fence) {
      const witness = `node ${event.node} got the lock with fencing number ${event.fence} at ` +
        `${formatTime(event.at)}, after node ${last.node} had got it with ${last.fence}`;
      return { property: "fencing", witness };
    }
    last = event;
  }
  return null;
}
