/**
 * ```text
 * right:  a token is made with the votes of a majority of all machines
 * here:   a token is made with the candidate's own vote
 * ```
 *
 * @module
 */

import { type RingBug, withRules } from "./ring_bug.ts";

/** Nobody else is asked. */
export const regenerateWithoutQuorum: RingBug = {
  name: "regenerate-without-quorum",
  explanation:
    "who misses the token makes a new one by its own vote alone, so that two who miss it make two " +
    "tokens of one epoch",
  caughtBy: "one-token",
  makeRing: withRules({ votesNeeded: () => 1 }),
};
