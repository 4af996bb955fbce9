/**
 * ```text
 * right:  on receipt of V' of p:  deliver nothing more of p until V[q] >= V'[q] for all q in it
 * here:   on receipt of V' of p:  nothing
 * ```
 *
 * @module
 */

import { SegmentKind } from "../../protocols/frame.ts";
import { CausalOrdering } from "../../protocols/ordering/causal.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { type Bug, withParts } from "./bug.ts";

/** Vector clocks are sent, and nobody looks at them. */
export const dependenciesIgnored: Bug = {
  name: "dependencies-ignored",
  order: "causal",
  explanation: "nobody waits for what a message depends on, so that an answer may be delivered " +
    "before the message that it answers",
  caughtBy: "causal",
  makeGroup: withParts({
    makeOrdering: (_order, self, size, _knowledge, link, sink) =>
      new ImpatientOrdering(self, size, link, sink),
  }),
};

const NOTHING = new Uint8Array(0);

class ImpatientOrdering extends CausalOrdering {
  override accept(
    sender: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
  ): void {
    const isClock = kind === SegmentKind.order;
    super.accept(sender, seq, time, kind, isClock ? NOTHING : payload);
  }
}
