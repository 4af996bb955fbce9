/**
 * ```text
 * right:  only that process takes a token that it was sent to
 * here:   the process that was started in its place takes it, too
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../../protocols/process.ts";
import type { RingMessage } from "../../protocols/token_ring/messages.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Opens the post of the process before it. */
class Heir extends ChangedRing {
  override receive(from: ProcessId, message: RingMessage, now: Millis): void {
    const to = this.options.incarnation;
    super.receive(from, message.type === "token" ? { ...message, to } : message, now);
  }
}

/** Without incarnations. */
export const tokenToAnybody: RingBug = {
  name: "token-to-anybody",
  explanation:
    "a process takes a token that was sent to the one before it at this node, which may have passed it " +
    "on before it crashed, so that there are two",
  caughtBy: "one-token",
  makeRing: (options, ...world) => new Heir(options, makeRealRing(options, ...world)),
};
