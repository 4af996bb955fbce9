/**
 * ```text
 * right:  the lease runs from when the question for it left
 * here:   the lease runs from when the answers came
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../../protocols/process.ts";
import type { RingMessage } from "../../protocols/token_ring/messages.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Counts from the wrong end. */
class LateCounter extends ChangedRing {
  override receive(from: ProcessId, message: RingMessage, now: Millis): void {
    super.receive(from, message.type === "support" ? { ...message, sentAt: now } : message, now);
  }
}

/** The way of an answer is no part of what it promises. */
export const leaseFromAnswer: RingBug = {
  name: "lease-from-answer",
  explanation:
    "a lease is counted from when the answers come, and not from when the question left, so that it " +
    "outlasts the support when answers are late",
  caughtBy: "exclusion",
  makeRing: (options, ...world) => new LateCounter(options, makeRealRing(options, ...world)),
};
