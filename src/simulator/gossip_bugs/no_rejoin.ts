/**
 * ```text
 * right:  the dead are tried now and then: the network between may have healed
 * here:   the dead are dead
 * ```
 *
 * @module
 */

import { makeRealGossip, type SimulatedGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

/** Whether the node takes who is at this address for dead. */
function isDead(gossip: SimulatedGossip, address: string): boolean {
  return gossip.members.some((member) => member.address === address && member.state === "dead");
}

/** Nobody looks back. */
export const noRejoin: GossipBug = {
  name: "no-rejoin",
  explanation:
    "nobody tries those again whom it took for dead, so that the two sides of a partition stay apart " +
    "when it has healed",
  caughtBy: "members",
  makeNode: (options, outbox, ...world) => {
    const gossip: SimulatedGossip = makeRealGossip(
      options,
      {
        ...outbox,
        send: (address, message) => {
          if (message.type !== "join" || !isDead(gossip, address)) outbox.send(address, message);
        },
      },
      ...world,
    );
    return gossip;
  },
};
