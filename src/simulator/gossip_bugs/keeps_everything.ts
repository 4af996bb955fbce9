/**
 * ```text
 * right:  a list that is full drops the oldest rumor
 * here:   a list is never full
 * ```
 *
 * @module
 */

import { makeRealGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

/** Memory is cheap. */
export const keepsEverything: GossipBug = {
  name: "keeps-everything",
  explanation: "lists have no limit, so that a node that runs for long enough fills its memory",
  caughtBy: "kept",
  makeNode: (options, ...world) =>
    makeRealGossip({ ...options, keepRumors: Infinity, keepBytes: Infinity }, ...world),
};
