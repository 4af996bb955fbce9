/**
 * ```text
 * right:  the clock in an acknowledgement counts when all that its sender sent before is here
 * here:   the clock in an acknowledgement counts at once
 * ```
 *
 * @module
 */

import { Knowledge } from "../../protocols/knowledge.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { type Bug, withParts } from "./bug.ts";

/** An acknowledgement overtakes the messages before it. */
export const ackBeforeFifo: Bug = {
  name: "ack-before-fifo",
  order: "lamport",
  explanation: "the clock in an acknowledgement counts although earlier messages of its sender " +
    "are lost or late, and one of these may have a lower time than what is delivered then",
  caughtBy: "total",
  makeGroup: withParts({ makeKnowledge: (self, size) => new HastyKnowledge(self, size) }),
};

class HastyKnowledge extends Knowledge {
  /** As if `from` had sent no segments before. */
  override learn(from: ProcessId, acks: Uint32Array, _sent: number, clock: number): boolean {
    return super.learn(from, acks, 0, clock);
  }
}
