/**
 * The td rule: what a member gets that was offline.
 *
 * Offline for at most td: everything that it has not got yet, however old. Longer: what was sent in
 * the td before it asked to be reconnected. All times are whole milliseconds of the coordinator's
 * clock, and both limits belong to the better case.
 *
 * @module
 */

import type { MessageLog } from "./message_log.ts";
import type { Millis } from "../process.ts";

/** A member that comes back. */
export interface Return {
  /** It had everything up to this number. */
  readonly cursor: number;
  /** Since when it counts as offline. */
  readonly since: Millis;
  /** When its request arrived. */
  readonly arrival: Millis;
  readonly tdMs: Millis;
}

/** Returns the number above which it gets everything. */
export function cursorAfterReturn(back: Return, log: Pick<MessageLog, "firstSince">): number {
  const { cursor, since, arrival, tdMs } = back;
  const oldest = arrival - since <= tdMs ? 0 : arrival - tdMs;
  return Math.max(cursor, log.firstSince(oldest) - 1);
}
