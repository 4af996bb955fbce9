/**
 * Whether everybody who waits is served once all is well.
 *
 * @module
 */

import type { LockAsked, RingHistory } from "../../history/ring_history.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** Checks that nobody waits in the end. A run that ended before all was well shows nothing. */
export function checkServed({ events, settledAt, endAt }: RingHistory): RingViolation | null {
  if (endAt < settledAt) return null;
  const waiting = new Map<number, LockAsked>();
  for (const event of events) {
    if (event.event === "asked") waiting.set(event.request, event);
    else if (event.event === "granted" || event.event === "withdrawn") {
      waiting.delete(event.request);
    }
  }
  for (const { node, at } of waiting.values()) {
    const witness =
      `node ${node} waits for the lock since ${formatTime(at)}, and still did at the end, ` +
      `at ${formatTime(endAt)}`;
    return { property: "served", witness };
  }
  return null;
}
