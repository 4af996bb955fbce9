/**
 * From an order's name to what keeps it.
 *
 * @module
 */

import type { Knowledge } from "../knowledge.ts";
import type { Order, ProcessId } from "../process.ts";
import type { ReliableMulticast } from "../reliable_multicast.ts";
import { CausalOrdering } from "./causal.ts";
import { FifoOrdering } from "./fifo.ts";
import { LamportOrdering } from "./lamport.ts";
import type { Ordering, SegmentSink } from "./ordering.ts";
import { SequencerOrdering } from "./sequencer.ts";

/** Makes one process's part of an order.
 *
 * @param limit So many segments of one process are held back at most, a power of two. */
export function makeOrdering(
  order: Order,
  self: ProcessId,
  size: number,
  knowledge: Knowledge,
  link: ReliableMulticast,
  sink: SegmentSink,
  limit?: number,
): Ordering {
  switch (order) {
    case "none": // Its stop markers alone are reliable.
    case "fifo":
      return new FifoOrdering(self, link, sink);
    case "causal":
      return new CausalOrdering(self, size, link, sink, limit);
    case "lamport":
      return new LamportOrdering(self, size, knowledge, link, sink, { limit });
    case "sequencer":
      return new SequencerOrdering(self, size, link, sink, limit);
  }
}
