/**
 * ```text
 * right:  who doesn't answer a probe is suspected, and may contradict
 * here:   who doesn't answer a probe is dead
 * ```
 *
 * @module
 */

import { makeRealGossip } from "../gossip_options.ts";
import type { GossipBug } from "./gossip_bug.ts";

/** One lost datagram is enough. */
export const deadAtOnce: GossipBug = {
  name: "dead-at-once",
  explanation:
    "who doesn't answer a probe is taken for dead, and nobody else is asked to try, so that on a " +
    "network that loses something now and then nodes come and go for ever",
  caughtBy: "members",
  makeNode: ({ probeIntervalMs, ...options }, ...world) => {
    // Until the next one is probed.
    const atOnce = { probeTimeoutMs: probeIntervalMs, indirectProbes: 0, suspicionMs: 0 };
    return makeRealGossip({ ...options, probeIntervalMs, ...atOnce }, ...world);
  },
};
