/**
 * ```text
 * right:  now and then two nodes compare all that they have
 * here:   rumors are told, and that is all
 * ```
 *
 * @module
 */

import { type GossipBug, withRules } from "./gossip_bug.ts";

/** As the original does it. */
export const noAntiEntropy: GossipBug = {
  name: "no-anti-entropy",
  explanation:
    "nodes never compare what they have, so that whom mongering misses, who was cut off, and who came " +
    "late never hears a rumor, as in the program that mpcomm replaces",
  caughtBy: "everywhere",
  makeNode: withRules({ hasAntiEntropy: false }),
};
