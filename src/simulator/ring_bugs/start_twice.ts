/**
 * ```text
 * right:  start: ask a majority for its votes in a new epoch; with them, make the token
 * here:   start: make a token
 * ```
 *
 * @module
 */

import type { Millis } from "../../protocols/process.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Makes a token of its own. */
class HastyStarter extends ChangedRing {
  override start(now: Millis): void {
    const { epoch, sequence } = this.status;
    this.forge({ epoch: Math.max(1, epoch), sequence: sequence + 1 }, now);
    super.start(now);
  }
}

/** As the original does it. */
export const startTwice: RingBug = {
  name: "start-twice",
  explanation:
    "each start makes a token at once, without asking anybody, so that a second one makes a " +
    "second token, as in the program that mpcomm replaces",
  caughtBy: "one-token",
  makeRing: (options, ...world) => new HastyStarter(options, makeRealRing(options, ...world)),
};
