/**
 * ```text
 * right:  after a crash: vote for nobody for the time of a lease
 * here:   after a crash: vote at once
 * ```
 *
 * @module
 */

import { makeRealRing } from "../ring_options.ts";
import type { RingBug } from "./ring_bug.ts";

/** What was promised before the crash counts for nothing. */
export const noQuarantine: RingBug = {
  name: "no-quarantine",
  explanation:
    "a node that was killed votes as soon as it is back, though it may have promised its support a " +
    "moment before, so that a token is made while the holder's lease lasts",
  caughtBy: "exclusion",
  makeRing: (options, ...world) => makeRealRing({ ...options, isQuarantined: false }, ...world),
};
