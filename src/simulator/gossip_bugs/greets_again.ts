/**
 * ```text
 * right:  somebody is told of when he comes up, or goes down
 * here:   somebody is told of whenever he is welcome
 * ```
 *
 * @module
 */

import type { GossipMessage } from "../../protocols/gossip/messages.ts";
import type { GossipOutbox } from "../../protocols/gossip/outbox.ts";
import type { Millis } from "../../protocols/process.ts";
import { makeRealGossip, type SimulatedGossip } from "../gossip_options.ts";
import { ChangedGossip, type GossipBug } from "./gossip_bug.ts";

/** Has met nobody before. */
class Greeter extends ChangedGossip {
  readonly #outbox: GossipOutbox;

  constructor(gossip: SimulatedGossip, outbox: GossipOutbox) {
    super(gossip);
    this.#outbox = outbox;
  }

  override receive(message: GossipMessage, now: Millis): void {
    super.receive(message, now);
    const { name, address } = message.from;
    if (message.type === "welcome") this.#outbox.peer(name, true, address);
  }
}

/** Hello again. */
export const greetsAgain: GossipBug = {
  name: "greets-again",
  explanation:
    "who welcomes a node is told of as new there, though it may have been known before, so that who " +
    "counts comings and goings counts wrong",
  caughtBy: "peers",
  makeNode: (options, outbox, ...world) =>
    new Greeter(makeRealGossip(options, outbox, ...world), outbox),
};
