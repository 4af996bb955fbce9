/**
 * ```text
 * right:  a token of a lower epoch is dead
 * here:   a token is a token
 * ```
 *
 * @module
 */

import { type RingBug, withRules } from "./ring_bug.ts";

/** No token ever dies. */
export const noEpoch: RingBug = {
  name: "no-epoch",
  explanation:
    "nobody looks at the epoch of a token, so that one that was given up for lost goes round beside " +
    "the one that was made in its place",
  caughtBy: "exclusion",
  makeRing: withRules({ isDead: () => false }),
};
