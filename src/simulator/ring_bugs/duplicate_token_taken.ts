/**
 * ```text
 * right:  a token that is not newer than the last that was seen is acknowledged, and dropped
 * here:   it is taken
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../../protocols/process.ts";
import type { RingMessage, TokenMessage } from "../../protocols/token_ring/messages.ts";
import { makeRealRing } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Takes what it can get. */
class Collector extends ChangedRing {
  override receive(from: ProcessId, message: RingMessage, now: Millis): void {
    super.receive(from, message.type === "token" ? this.#asNew(message) : message, now);
  }

  #asNew(message: TokenMessage): TokenMessage {
    const { epoch, sequence } = this.status;
    const { token } = message;
    const isOld = token.epoch === epoch && token.sequence <= sequence;
    return isOld ? { ...message, token: { ...token, sequence: sequence + 1 } } : message;
  }
}

/** A datagram that comes twice is two. */
export const duplicateTokenTaken: RingBug = {
  name: "duplicate-token-taken",
  explanation:
    "a token that comes again, because the network doubled it or its acknowledgement was lost, is " +
    "taken again, so that there are two",
  caughtBy: "one-token",
  makeRing: (options, ...world) => new Collector(options, makeRealRing(options, ...world)),
};
