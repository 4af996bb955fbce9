/**
 * ```text
 * right:  unlock without the lock: nothing
 * here:   unlock without the lock: the token goes on, from here
 * ```
 *
 * @module
 */

import type { Millis } from "../../protocols/process.ts";
import type { LockRequest } from "../../protocols/token_ring/outbox.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Lets go what it doesn't have. */
class Forger extends ChangedRing {
  override unlock(request: LockRequest, now: Millis): void {
    const { epoch, sequence, owner } = this.status;
    super.unlock(request, now);
    if (owner !== this.options.self && epoch > 0) {
      this.forge({ epoch, sequence: sequence + 1 }, now);
    }
  }
}

/** As a program of the same kind does it. */
export const unlockForges: RingBug = {
  name: "unlock-forges",
  explanation:
    "unlock passes the token on whether it is there or not, so that who gives up waiting, or has " +
    "lost its lease, makes a second token",
  caughtBy: "one-token",
  makeRing: (options, ...world) => new Forger(options, makeRealRing(options, ...world)),
};
