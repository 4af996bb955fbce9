/**
 * ```text
 * right:  a rumor is told to so many partners in a round
 * here:   it is told to everybody
 * ```
 *
 * @module
 */

import { MAX_MEMBERS } from "../../protocols/gossip/messages.ts";
import { makeRealGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

/** Sure is sure. */
export const tellsEverybody: GossipBug = {
  name: "tells-everybody",
  explanation:
    "who hears a rumor tells it to all others, so that each rumor costs the square of the number of " +
    "nodes",
  caughtBy: "bounded",
  makeNode: (options, ...world) => makeRealGossip({ ...options, fanout: MAX_MEMBERS }, ...world),
};
