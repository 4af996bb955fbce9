/**
 * ```text
 * right:  a digest says which rumors of each process were heard, with the gaps
 * here:   a digest says the highest number
 * ```
 *
 * @module
 */

import type { GossipMessage } from "../../protocols/gossip/messages.ts";
import { makeRealGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

function withoutGaps(message: GossipMessage): GossipMessage {
  if (message.type !== "digest") return message;
  const entries = message.entries.map((entry) => ({
    ...entry,
    pieces: [[1, entry.pieces.at(-1)?.[1] ?? 1] as const],
  }));
  return { ...message, entries };
}

/** As if rumors came in order. */
export const highestOnly: GossipBug = {
  name: "highest-only",
  explanation:
    "what a node has of another one's rumors is said by the highest number alone, so that a rumor that " +
    "was missed before it is never asked for",
  caughtBy: "everywhere",
  makeNode: (options, outbox, ...world) =>
    makeRealGossip(
      options,
      { ...outbox, send: (address, message) => outbox.send(address, withoutGaps(message)) },
      ...world,
    ),
};
