/**
 * What the coordinator has stored, and what senders were told of it.
 *
 * @module
 */

import type { PersistentHistory, Stored } from "../../history/persistent_history.ts";
import type { PersistentViolation } from "./verdict.ts";

/** The stored messages by their numbers. Of two with the same number the first one counts. */
export function storedMessages({ events }: PersistentHistory): ReadonlyMap<number, Stored> {
  const stored = new Map<number, Stored>();
  for (const event of events) {
    if (event.event === "stored" && !stored.has(event.seq)) stored.set(event.seq, event);
  }
  return stored;
}

/** Checks the sequence itself: numbers without gaps, each request once, and times that are those of
 * the clock and never go back. */
export function checkSequence({ events, members }: PersistentHistory): PersistentViolation | null {
  const seqOf = new Map<string, number>();
  let last = { seq: 0, at: -Infinity };
  for (const event of events) {
    if (event.event !== "stored") continue;
    const { seq, at, handledAt, sender, request } = event;
    const key = `${sender} ${request}`;
    const name = `message ${seq} of ${members[sender]}`;
    if (seqOf.has(key)) {
      return once(`${name} is stored as message ${seqOf.get(key)} too`);
    }
    seqOf.set(key, seq);
    if (seq !== last.seq + 1) return order(`${name} follows message ${last.seq}`);
    if (at < last.at) return order(`${name} is of time ${at}, the one before it of ${last.at}`);
    if (at !== handledAt) {
      return order(`${name} is of time ${at}, but the clock stood at ${handledAt}`);
    }
    last = event;
  }
  return null;
}

/** Checks that senders were told the truth. */
export function checkDurable(
  { events, members }: PersistentHistory,
  stored: ReadonlyMap<number, Stored>,
): PersistentViolation | null {
  for (const event of events) {
    if (event.event !== "acknowledged") continue;
    const { member, request, seq } = event;
    const message = stored.get(seq);
    if (message?.sender === member && message.request === request) continue;
    const what = message === undefined ? "is not stored" : "is another one";
    return {
      property: "durable",
      witness: `${
        members[member]
      } was told that its message is stored as number ${seq}, which ${what}`,
    };
  }
  return null;
}

function once(witness: string): PersistentViolation {
  return { property: "once", witness };
}

function order(witness: string): PersistentViolation {
  return { property: "order", witness };
}
