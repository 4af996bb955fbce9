/**
 * ```text
 * right:  what is too long for a datagram goes over a connection
 * here:   what is too long for a datagram is cut
 * ```
 *
 * @module
 */

import type { GossipMessage } from "../../protocols/gossip/messages.ts";
import { makeRealGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

const ROOM_CHARS = 1000;

function cut(message: GossipMessage): GossipMessage {
  if (message.type !== "push" && message.type !== "supply") return message;
  const rumors = message.rumors.map((rumor) => ({
    ...rumor,
    text: [...rumor.text].slice(0, ROOM_CHARS).join(""),
  }));
  return { ...message, rumors };
}

/** One datagram, whatever happens. */
export const cutsLongRumors: GossipBug = {
  name: "cuts-long-rumors",
  explanation:
    "a rumor that is too long for a datagram is cut, so that others hear the beginning of it",
  caughtBy: "intact",
  makeNode: (options, outbox, ...world) =>
    makeRealGossip(
      options,
      { ...outbox, send: (address, message) => outbox.send(address, cut(message)) },
      ...world,
    ),
};
