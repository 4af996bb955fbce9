/**
 * Judges a gossip network by what was seen of it.
 *
 * @module
 */

import type { GossipHistory } from "../../history/gossip_history.ts";
import { checkBounded } from "./bounded.ts";
import { checkEverywhere } from "./everywhere.ts";
import { checkIntact } from "./intact.ts";
import { checkKept } from "./kept.ts";
import { checkMembers } from "./members.ts";
import { checkOnce } from "./once.ts";
import { checkPeers } from "./peers.ts";
import { checkSilent } from "./silent.ts";
import type { GossipViolation } from "./verdict.ts";

const CHECKS = [
  checkOnce,
  checkIntact,
  checkKept,
  checkPeers,
  checkMembers,
  checkEverywhere,
  checkSilent,
  checkBounded,
];

/** Returns at most one violation of each property, in their order; none if everything was kept. */
export function judgeGossip(history: GossipHistory): GossipViolation[] {
  return CHECKS.flatMap((check) => check(history) ?? []);
}
