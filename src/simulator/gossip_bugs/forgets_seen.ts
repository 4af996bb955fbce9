/**
 * ```text
 * right:  a rumor that was heard before is none
 * here:   every rumor that comes is new
 * ```
 *
 * @module
 */

import { type GossipBug, withRules } from "./gossip_bug.ts";

/** Surprised each time. */
export const forgetsSeen: GossipBug = {
  name: "forgets-seen",
  explanation:
    "nobody remembers what it has heard, so that a rumor that comes again is heard again, and told " +
    "again, and fills the network",
  caughtBy: "once",
  makeNode: withRules({ remembersSeen: false }),
};
