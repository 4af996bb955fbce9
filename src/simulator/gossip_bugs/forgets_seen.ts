/**
 * ```text
 * right:  a rumor that was heard before is none
 * here:   every rumor that comes is told to the user
 * ```
 *
 * @module
 */

import { type GossipBug, withRules } from "./gossip_bug.ts";

/** Surprised each time. */
export const forgetsSeen: GossipBug = {
  name: "forgets-seen",
  explanation:
    "nobody remembers what he has heard, so that the user is told a rumor again each time that it comes",
  caughtBy: "once",
  makeNode: withRules({ remembersSeen: false }),
};
