/**
 * Total order, pair by pair: any two processes deliver the messages that both deliver in the same
 * order.
 *
 * @module
 */

import { type DeliveryLog, type MessageIndex } from "./message_index.ts";
import { type Verdict, violated } from "./verdict.ts";

/**
 * Finds two processes that delivered two messages in opposite orders: the positions of common
 * messages must strictly increase, for each pair. In time O(N·D) for N processes and D deliveries.
 */
export function findOppositePair(index: MessageIndex): Verdict | null {
  for (const [second, reference] of index.logs.entries()) {
    const positions = index.positionsIn(reference);
    for (let first = 0; first < second; first++) {
      const fault = comparePair(index.logs[first]!, reference, positions, index);
      if (fault !== null) return fault;
    }
  }
  return null;
}

function comparePair(
  log: DeliveryLog,
  reference: DeliveryLog,
  positions: Int32Array,
  index: MessageIndex,
): Verdict | null {
  let last = -1;
  let lastMessage = -1;
  for (const m of log.firsts) {
    const position = positions[m]!;
    if (position < 0) continue;
    if (position < last) {
      return violated(
        "total",
        `process ${log.process} delivered ${index.nameOf(lastMessage)} before ` +
          `${index.nameOf(m)}, process ${reference.process} the other way round`,
        [
          index.sight(log, lastMessage),
          index.sight(log, m),
          index.sight(reference, m),
          index.sight(reference, lastMessage),
        ],
      );
    }
    last = position;
    lastMessage = m;
  }
  return null;
}
