/**
 * What is in the participants' logs.
 *
 * @module
 */

import type { Logged, PersistentHistory, Stored } from "../../history/persistent_history.ts";
import type { PersistentViolation } from "./verdict.ts";

/** Checks that every log has the messages of the one sequence, unchanged, in order, and once. Returns
 * at most one violation of each property. */
export function checkLogs(
  { events, members }: PersistentHistory,
  stored: ReadonlyMap<number, Stored>,
): PersistentViolation[] {
  const found = new Map<string, PersistentViolation>();
  const seen = members.map(() => new Set<number>());
  const last = members.map(() => 0);
  for (const event of events) {
    if (event.event !== "logged") continue;
    const { member, seq } = event;
    const witness = describe(event, seen[member]!, last[member]!, stored.get(seq));
    seen[member]!.add(seq);
    last[member] = seq;
    if (witness === null || found.has(witness.property)) continue;
    found.set(witness.property, {
      ...witness,
      witness: `the log of ${members[member]} has message ${seq} ${witness.witness}`,
    });
  }
  return [...found.values()];
}

function describe(
  { seq, at, sender, text }: Logged,
  seen: ReadonlySet<number>,
  last: number,
  message: Stored | undefined,
): PersistentViolation | null {
  if (seen.has(seq)) return { property: "once", witness: "twice" };
  if (seq < last) return { property: "order", witness: `after message ${last}` };
  if (message === undefined) return { property: "durable", witness: "which is not stored" };
  const isSame = message.at === at && message.sender === sender && message.text === text;
  return isSame ? null : { property: "order", witness: "otherwise than it was stored" };
}
