/**
 * Total order: all processes deliver what they deliver in one order.
 *
 * Two checks: no two processes deliver two messages in opposite orders (pairwise), and the logs
 * together contain no circle (acyclic). The second implies the first and is cheaper, so it decides;
 * the first gives the plainer witness. A process that misses a message breaks agreement, not total
 * order; crashed processes' deliveries count (uniform).
 *
 * Hadzilacos and Toueg 1994, section 3.4.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { indexMessages, type MessageIndex } from "./message_index.ts";
import { findCycle } from "./total_acyclic.ts";
import { findOppositePair } from "./total_pairwise.ts";
import { holds, inconclusive, type Verdict } from "./verdict.ts";

/** Judges total order, in time O(D), where it is broken O(N·D), for N processes, D deliveries. */
export function checkTotal(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length < Math.min(2, Math.max(1, run.processes))) {
    return inconclusive(
      "total",
      `there ${index.logs.length === 0 ? "is no" : "is only one"} journal`,
    );
  }
  const cycle = findCycle(index);
  if (cycle === null) return holds("total");
  return findOppositePair(index) ?? cycle;
}
