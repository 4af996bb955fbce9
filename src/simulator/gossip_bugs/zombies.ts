/**
 * ```text
 * right:  old news of a node count for nothing, whatever they say
 * here:   news that a node is alive always count
 * ```
 *
 * @module
 */

import type { GossipMessage, MemberRecord } from "../../protocols/gossip/messages.ts";
import type { Millis } from "../../protocols/process.ts";
import { makeRealGossip } from "../gossip_options.ts";
import { ChangedGossip, type GossipBug, withRecords } from "./gossip_bug.ts";

/** Believes the best of everybody. */
class Hopeful extends ChangedGossip {
  override receive(message: GossipMessage, now: Millis): void {
    super.receive(withRecords(message, (record) => this.#revived(record)), now);
  }

  #revived(record: MemberRecord): MemberRecord {
    const known = this.members.find(({ name }) => name === record.name);
    const isGone = known?.state === "dead" || known?.state === "left";
    if (record.state !== "alive" || !isGone) return record;
    return { ...record, incarnation: known.incarnation + 1 };
  }
}

/** As where incarnations are not compared. */
export const zombies: GossipBug = {
  name: "zombies",
  explanation:
    "old news that a node is alive count as much as new ones that it is dead, so that those who have " +
    "gone come back again and again",
  caughtBy: "members",
  makeNode: (options, ...world) => new Hopeful(makeRealGossip(options, ...world)),
};
