/**
 * ```text
 * right:  offline for longer than td: what was sent in the last td
 * here:   offline for longer than td: the last td messages, one for each second of td
 * ```
 *
 * @module
 */

import type { cursorAfterReturn } from "../../protocols/persistent/td_rule.ts";
import { type PersistentBug, withParts } from "./persistent_bug.ts";

const byCount: typeof cursorAfterReturn = ({ cursor, since, arrival, tdMs }, log) => {
  if (arrival - since <= tdMs) return cursor;
  const lastSeq = log.firstSince(Infinity) - 1;
  return Math.max(cursor, lastSeq - Math.ceil(tdMs / 1000));
};

/** A number of messages instead of a time. */
export const tdAsCount: PersistentBug = {
  name: "td-as-count",
  explanation:
    "td is taken for a number of messages, so that a member that was away for longer gets " +
    "as many of them as td has seconds, however old they are",
  caughtBy: "promised",
  makers: withParts({ cursorAfterReturn: byCount }),
};
