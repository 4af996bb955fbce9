/**
 * ```text
 * right:  who has told a rumor often enough in vain tells it no more
 * here:   who has a rumor tells it for ever
 * ```
 *
 * @module
 */

import { type GossipBug, withRules } from "./gossip_bug.ts";

/** Always interested. */
export const neverStops: GossipBug = {
  name: "never-stops",
  explanation:
    "nobody ever loses interest in a rumor, so that what everybody knows is told for ever",
  caughtBy: "silent",
  makeNode: withRules({ losesInterest: false }),
};
