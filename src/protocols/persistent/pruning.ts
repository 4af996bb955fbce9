/**
 * Which messages nobody can need any more.
 *
 * A member that is online needs what it has not acknowledged. One that is offline needs that too, as
 * long as it may come back within td; after that, it needs at most what was sent in the last td.
 *
 * "Now" is the latest time in the store. The coordinator's clock may be well past it; but if the
 * coordinator started again and the machine's clock had been set back, it would go on from there, and
 * what a later clock had cleaned away would be missing.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { MessageLog } from "./message_log.ts";
import type { Member } from "./roster.ts";

/** Returns the number up to which messages can be cleaned away. */
export function prunable(
  members: Iterable<Pick<Member, "record" | "cursor">>,
  log: MessageLog,
  tdMs: Millis,
): number {
  const now = latestTime(log);
  let upTo = log.lastSeq;
  let old: number | null = null;
  for (const { record, cursor } of members) {
    if (record === null || cursor >= upTo) continue;
    const { state, offlineSince } = record;
    const isTooLate = state === "offline" && now - offlineSince! > tdMs;
    if (isTooLate) old ??= log.firstSince(now - Math.floor(tdMs)) - 1;
    upTo = Math.min(upTo, isTooLate ? Math.max(cursor, old!) : cursor);
  }
  return upTo;
}

/** The latest time of anything in a store. */
export function latestTime(log: Pick<MessageLog, "lastAt" | "members">): Millis {
  let latest = log.lastAt;
  for (const { offlineSince } of log.members()) latest = Math.max(latest, offlineSince ?? 0);
  return latest;
}
