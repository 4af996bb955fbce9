/**
 * ```text
 * right:  a suspect that doesn't contradict in time is dead
 * here:   a suspect is a suspect
 * ```
 *
 * @module
 */

import { makeRealGossip } from "../gossip_options.ts";
import { ChangedGossip, type GossipBug } from "./gossip_bug.ts";

/** Doesn't give up hope, whatever the other one's machine says. */
class Waiter extends ChangedGossip {
  override refused(): void {
    // It may be back in a moment.
  }
}

/** Everybody comes back some day. */
export const waitsForEver: GossipBug = {
  name: "waits-for-ever",
  explanation:
    "who is silent is suspected for ever and never taken for dead, so that those who have crashed for " +
    "good are counted in and told rumors",
  caughtBy: "members",
  makeNode: (options, ...world) =>
    new Waiter(makeRealGossip({ ...options, suspicionMs: Infinity }, ...world)),
};
