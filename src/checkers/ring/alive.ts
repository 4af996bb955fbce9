/**
 * Whether exactly one token is alive once all is well, and all agree on it.
 *
 * @module
 */

import type { ProcessId } from "../../protocols/process.ts";
import type { RingHistory, RingNodeKnowledge, TokenArrived } from "../../history/ring_history.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** Checks arrivals from when all was well, and what the nodes know in the end. */
export function checkAlive(history: RingHistory): RingViolation | null {
  const witness = findOther(history) ?? findDisagreement(history);
  return witness === null ? null : { property: "alive", witness };
}

/** Another token than the first that was seen, or none at all. */
function findOther({ events, settledAt, quietAt }: RingHistory): string | null {
  let first: TokenArrived | null = null;
  for (const event of events) {
    if (event.event !== "arrived" || event.at < settledAt) continue;
    first ??= event;
    if (event.epoch !== first.epoch) {
      return `although all was well, a token of epoch ${event.epoch} came to node ${event.node} at ` +
        `${formatTime(event.at)}, after one of epoch ${first.epoch} had come to node ${first.node}`;
    }
  }
  return first === null && quietAt < Infinity ? "although all was well, no token was alive" : null;
}

function findDisagreement({ nodes, knowledge, quietAt }: RingHistory): string | null {
  if (quietAt === Infinity) return null;
  const [first] = knowledge;
  for (const [node, known] of knowledge.entries()) {
    if (known === null) return `node ${node} was not up in the end`;
    if (known.members.length < nodes) {
      return `in the end node ${node} knew of a view of ${known.members.length} of ${nodes} nodes`;
    }
    if (!isSame(known, first!)) {
      return `in the end node 0 knew ${describe(first!)}, and node ${node} ${describe(known)}`;
    }
  }
  return null;
}

function isSame(one: RingNodeKnowledge, other: RingNodeKnowledge): boolean {
  return one.epoch === other.epoch && one.view === other.view &&
    one.members.every((node: ProcessId, place) => node === other.members[place]);
}

function describe({ epoch, view, members }: RingNodeKnowledge): string {
  return `epoch ${epoch} and view ${view} (${members.join(", ")})`;
}
