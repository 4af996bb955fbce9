/**
 * ```text
 * right:  deliver the head of the hold-back queue when every member is past its time and has it
 * here:   deliver the head of the hold-back queue
 * ```
 *
 * @module
 */

import { Knowledge } from "../../protocols/knowledge.ts";
import { LamportOrdering } from "../../protocols/ordering/lamport.ts";
import { type Bug, withParts } from "./bug.ts";

/** The head of the hold-back queue waits for nobody. */
export const deliverWithoutAcks: Bug = {
  name: "deliver-without-acks",
  order: "lamport",
  explanation: "the head of the hold-back queue is delivered at once instead of when all have " +
    "acknowledged it, although a message with a lower time may still be on its way",
  caughtBy: "total",
  makeGroup: withParts({
    // The links keep the true knowledge: only the order believes in this one.
    makeOrdering: (_order, self, size, _knowledge, link, sink) =>
      new LamportOrdering(self, size, new Optimism(self, size), link, sink),
  }),
};

/** Everybody has everything. */
class Optimism extends Knowledge {
  override allPast(): number {
    return Infinity;
  }

  override stable(): number {
    return Infinity;
  }

  override isPast(): boolean {
    return true;
  }

  override has(): boolean {
    return true;
  }
}
