/**
 * ```text
 * right:  make the vote durable; then say it
 * here:   say the vote
 * ```
 *
 * @module
 */

import { makeRealRing } from "../ring_options.ts";
import type { RingBug } from "./ring_bug.ts";

/** A restart forgets. */
export const voteForgotten: RingBug = {
  name: "vote-forgotten",
  explanation:
    "votes are not kept over a restart, so that a node votes for two candidates in one epoch, and both " +
    "make a token of it",
  caughtBy: "one-token",
  makeRing: (options, outbox, ...world) =>
    makeRealRing(options, { ...outbox, store: () => {} }, ...world),
};
