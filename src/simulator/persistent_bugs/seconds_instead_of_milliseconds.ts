/**
 * ```text
 * right:  arrival - since <= td;  m.at >= arrival - td
 * here:   the same, in whole seconds
 * ```
 *
 * @module
 */

import type { cursorAfterReturn } from "../../protocols/persistent/td_rule.ts";
import { type PersistentBug, withParts } from "./persistent_bug.ts";

const inSeconds: typeof cursorAfterReturn = (back, log) => {
  const [since, arrival, td] = [back.since, back.arrival, back.tdMs].map((ms) =>
    Math.floor(ms / 1000)
  ) as [number, number, number];
  const oldest = arrival - since <= td ? 0 : (arrival - td) * 1000;
  return Math.max(back.cursor, log.firstSince(oldest) - 1);
};

/** Up to a second too much or too little. */
export const secondsInsteadOfMilliseconds: PersistentBug = {
  name: "seconds-instead-of-milliseconds",
  explanation:
    "times are compared in whole seconds, so that members get messages that are up to a " +
    "second too old, or don't get some that they should",
  caughtBy: "forbidden",
  makers: withParts({ cursorAfterReturn: inSeconds }),
};
