/**
 * ```text
 * right:  a node that is taken for suspect or dead says that it is alive, with a higher incarnation
 * here:   it doesn't listen to what is said of it
 * ```
 *
 * @module
 */

import type { GossipMessage, NodeName } from "../../protocols/gossip/messages.ts";
import type { Millis } from "../../protocols/process.ts";
import { makeRealGossip, type SimulatedGossip } from "../gossip_options.ts";
import { ChangedGossip, type GossipBug, withRecords } from "./gossip_bug.ts";

/** Is above that. */
class Silent extends ChangedGossip {
  readonly #name: NodeName;

  constructor(gossip: SimulatedGossip, name: NodeName) {
    super(gossip);
    this.#name = name;
  }

  override receive(message: GossipMessage, now: Millis): void {
    const others = withRecords(message, (record) => record.name === this.#name ? null : record);
    super.receive(others, now);
  }
}

/** A rumor about oneself is no rumor. */
export const noRefutation: GossipBug = {
  name: "no-refutation",
  explanation:
    "a node doesn't contradict who takes it for dead, so that one that was slow or cut off for a while " +
    "stays dead for the others",
  caughtBy: "members",
  makeNode: (options, ...world) => new Silent(makeRealGossip(options, ...world), options.name),
};
