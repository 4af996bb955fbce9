/**
 * The knobs of a gossip network.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { NodeName } from "./messages.ts";

/** Who tells whom: who knows a rumor, who asks, or both. */
export const GOSSIP_MODES = ["push", "pull", "push-pull"] as const;

/** See {@linkcode GOSSIP_MODES}. */
export type GossipMode = (typeof GOSSIP_MODES)[number];

/** How spreading a rumor comes to its end (Demers et al., Epidemic Algorithms for Replicated Database
 * Maintenance, 1987, section 1.4). */
export interface MongeringOptions {
  readonly mode: GossipMode;
  /** Whether a node loses interest by meeting those who know already, or merely by telling. */
  readonly reaction: "feedback" | "blind";
  /** Whether it stops after `k` such times in a row, or each time with a chance of 1 in `k`. */
  readonly stop: "counter" | "coin";
  /** From 1. The larger, the fewer are missed, and the more is sent. */
  readonly k: number;
}

/** The knobs of membership. See `membership.ts` for what follows from them. */
export interface MembershipOptions {
  /** Between two probes of a node. */
  readonly probeIntervalMs: Millis;
  /** So long the probed one has to answer; then others are asked to try. */
  readonly probeTimeoutMs: Millis;
  /** So many of them. */
  readonly indirectProbes: number;
  /** So long a suspect has to contradict. */
  readonly suspicionMs: Millis;
}

/** A node. */
export interface GossipOptions extends MongeringOptions, MembershipOptions {
  readonly name: NodeName;
  /** Where others reach it, `HOST:PORT`. */
  readonly address: string;
  /** A number that no earlier process of the node has had: it is part of the names of its rumors. */
  readonly run: number;
  /** Higher than those of earlier processes of the node, such as the time of day in milliseconds. */
  readonly incarnation: number;
  /** So many partners at a time. */
  readonly fanout: number;
  /** Between two times. The first comes at once when a rumor is heard. */
  readonly intervalMs: Millis;
  /** Between two exchanges of all that is known, with one partner; null for none. */
  readonly antiEntropyMs: Millis | null;
  /** Whether the others tell us when they get our rumors: one small message for each, and the measures
   * rest on it. */
  readonly wantsReceipts: boolean;
  /** So many bytes of rumors are kept for others; the oldest go first. */
  readonly keepBytes: number;
  /** And so many rumors. */
  readonly keepRumors: number;
}
