/**
 * ```text
 * right:  on receipt of m:  clock := max(clock, time of m) + 1
 * here:   on receipt of m:  nothing
 * ```
 *
 * @module
 */

import { LamportClock } from "../../protocols/lamport_clock.ts";
import { LamportOrdering } from "../../protocols/ordering/lamport.ts";
import { type Bug, withParts } from "./bug.ts";

/** Rule IR2 of Lamport 1978 is missing. */
export const clockNeverMerged: Bug = {
  name: "clock-never-merged",
  order: "lamport",
  explanation: "the logical clock counts a process's own multicasts and ignores the times of " +
    "received messages, so that an answer may have a lower time than the message that it answers",
  caughtBy: "clock",
  makeGroup: withParts({
    makeOrdering: (_order, self, size, knowledge, link, sink) =>
      new LamportOrdering(self, size, knowledge, link, sink, { clock: new LonelyClock() }),
  }),
};

class LonelyClock extends LamportClock {
  override merge(): number {
    return this.time;
  }
}
