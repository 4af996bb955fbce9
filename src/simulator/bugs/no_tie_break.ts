/**
 * ```text
 * right:  of equal times, the lower process number comes first
 * here:   of equal times, what arrived here first comes first
 * ```
 *
 * @module
 */

import { HoldbackQueue } from "../../protocols/holdback_queue.ts";
import { LamportOrdering } from "../../protocols/ordering/lamport.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { type Bug, withParts } from "./bug.ts";

/** As many segments of a process as the real queue holds. */
const MAX_HELD_BACK = 32_768;

/** Equal times are ordered by arrival. */
export const noTieBreak: Bug = {
  name: "no-tie-break",
  order: "lamport",
  explanation: "messages with equal Lamport times are delivered in the order in which they " +
    "arrived instead of by process number, so two processes that multicast at the same time " +
    "may each see their own message first",
  caughtBy: "total",
  makeGroup: withParts({
    makeOrdering: (_order, self, size, knowledge, link, sink) => {
      const holdback = new ArrivalQueue(size);
      return new LamportOrdering(self, size, knowledge, link, sink, { holdback });
    },
  }),
};

class ArrivalQueue extends HoldbackQueue {
  readonly #size: number;
  /** When each held back segment of each process arrived, as a count of arrivals. */
  readonly #arrivals: number[][];
  #arrived = 0;

  constructor(size: number) {
    super(size, MAX_HELD_BACK);
    this.#size = size;
    this.#arrivals = Array.from({ length: size }, () => []);
  }

  override push(
    sender: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
  ): void {
    super.push(sender, seq, time, kind, payload);
    this.#arrivals[sender]!.push(++this.#arrived);
  }

  override pop(sender: ProcessId): void {
    super.pop(sender);
    this.#arrivals[sender]!.shift();
  }

  override head(): ProcessId {
    let head = super.head();
    if (head === -1) return head;
    for (let p = 0; p < this.#size; p++) {
      const isTie = this.timeOf(p) === this.timeOf(head);
      if (isTie && this.#arrivals[p]![0]! < this.#arrivals[head]![0]!) head = p;
    }
    return head;
  }
}
