/**
 * Whether the lock was ever used by two at a time.
 *
 * @module
 */

import type { LockGranted, RingHistory } from "../../history/ring_history.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** From the grant to the end, which doesn't belong to it. */
interface Use {
  readonly grant: LockGranted;
  endAt: number;
}

/** Checks that no two uses overlap. Grants stand in the order of their times, so each need only be compared
 * with the use before it that ended last. */
export function checkExclusion({ events }: RingHistory): RingViolation | null {
  const uses = new Map<number, Use>();
  for (const event of events) {
    if (event.event === "granted") uses.set(event.request, { grant: event, endAt: Infinity });
    if (event.event === "ended") uses.get(event.request)!.endAt = event.at;
  }
  let latest: Use | null = null;
  for (const use of uses.values()) {
    if (latest !== null && use.grant.at < latest.endAt) return overlap(latest, use);
    if (latest === null || use.endAt > latest.endAt) latest = use;
  }
  return null;
}

function overlap(first: Use, second: Use): RingViolation {
  const until = first.endAt === Infinity ? "the end" : formatTime(first.endAt);
  const witness =
    `node ${second.grant.node} got the lock at ${formatTime(second.grant.at)} with fencing ` +
    `number ${second.grant.fence}, while node ${first.grant.node} used it until ${until} with ` +
    `${first.grant.fence}`;
  return { property: "exclusion", witness };
}
