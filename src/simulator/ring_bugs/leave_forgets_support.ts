/**
 * ```text
 * right:  after a goodbye: vote for nobody until the support has run out that was given before it
 * here:   after a goodbye: vote at once
 * ```
 *
 * @module
 */

import type { TokenRingStatus } from "../../protocols/token_ring/token_ring.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Has nothing to keep when it goes. */
class Leaver extends ChangedRing {
  override get status(): TokenRingStatus {
    return { ...super.status, supportsUntil: -Infinity };
  }
}

/** Only a crash is taken for an end without a goodbye. */
export const leaveForgetsSupport: RingBug = {
  name: "leave-forgets-support",
  explanation:
    "a node that has left in good order votes as soon as it is back, though it supported the holder a " +
    "moment before it left, so that a token is made while the holder's lease lasts",
  caughtBy: "exclusion",
  makeRing: (options, ...world) => new Leaver(options, makeRealRing(options, ...world)),
};
