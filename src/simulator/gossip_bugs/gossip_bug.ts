/**
 * What a deliberate mistake in a gossip network is.
 *
 * @module
 */

import { GossipNode, type GossipStatus } from "../../protocols/gossip/gossip_node.ts";
import { GOSSIP_RULES, type GossipRules } from "../../protocols/gossip/gossip_rules.ts";
import type { GossipMessage, MemberRecord, Rumor } from "../../protocols/gossip/messages.ts";
import type { Millis } from "../../protocols/process.ts";
import type { GossipMaker, SimulatedGossip } from "../gossip_options.ts";

/** A small variation of the real protocol that is wrong. */
export interface GossipBug {
  /** What it is called on the command line. */
  readonly name: string;
  /** One sentence without a full stop: what the mistake is, and what goes wrong. */
  readonly explanation: string;
  /** The property that it violates. */
  readonly caughtBy: string;
  /** Makes nodes that make the mistake. */
  readonly makeNode: GossipMaker;
}

/** The real protocol by other rules. */
export function withRules(rules: Partial<GossipRules>): GossipMaker {
  return (options, outbox, random, now) =>
    new GossipNode(options, outbox, random, now, { ...GOSSIP_RULES, ...rules });
}

/** The real protocol, with something between it and the world. */
export class ChangedGossip implements SimulatedGossip {
  readonly #gossip: SimulatedGossip;

  constructor(gossip: SimulatedGossip) {
    this.#gossip = gossip;
  }

  /** As in the real protocol. */
  get deadline(): Millis {
    return this.#gossip.deadline;
  }

  /** As in the real protocol. */
  get status(): GossipStatus {
    return this.#gossip.status;
  }

  /** As in the real protocol. */
  get members(): readonly MemberRecord[] {
    return this.#gossip.members;
  }

  /** As in the real protocol. */
  get rumors(): readonly Rumor[] {
    return this.#gossip.rumors;
  }

  /** As in the real protocol. */
  say(text: string, now: Millis): Rumor {
    return this.#gossip.say(text, now);
  }

  /** As in the real protocol. */
  join(contact: { readonly name: string; readonly address: string }, now: Millis): void {
    this.#gossip.join(contact, now);
  }

  /** As in the real protocol. */
  leave(now: Millis): void {
    this.#gossip.leave(now);
  }

  /** As in the real protocol. */
  receive(message: GossipMessage, now: Millis): void {
    this.#gossip.receive(message, now);
  }

  /** As in the real protocol. */
  refused(address: string, now: Millis): void {
    this.#gossip.refused(address, now);
  }

  /** As in the real protocol. */
  tick(now: Millis): void {
    this.#gossip.tick(now);
  }
}

/** The same message, with other records of the members that it tells of. */
export function withRecords(
  message: GossipMessage,
  change: (record: MemberRecord) => MemberRecord | null,
): GossipMessage {
  const changed = (records: readonly MemberRecord[]) =>
    records.flatMap((record) => change(record) ?? []);
  const news = changed(message.news);
  return message.type === "welcome"
    ? { ...message, news, members: changed(message.members) }
    : { ...message, news };
}
