/**
 * What a run of a simulated gossip network is.
 *
 * @module
 */

import { GossipNode } from "../protocols/gossip/gossip_node.ts";
import type { GossipOptions } from "../protocols/gossip/gossip_options.ts";
import type { GossipOutbox } from "../protocols/gossip/outbox.ts";
import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { GossipFaults } from "./gossip_faults.ts";

export { DEFAULT_MEMBERSHIP } from "../protocols/gossip/membership.ts";

/** What the world needs of a node. */
export type SimulatedGossip = Pick<
  GossipNode,
  | "deadline"
  | "status"
  | "members"
  | "rumors"
  | "say"
  | "join"
  | "leave"
  | "receive"
  | "refused"
  | "tick"
>;

/** Makes a node, or a variation of it. */
export type GossipMaker = (
  options: GossipOptions,
  outbox: GossipOutbox,
  random: Random,
  now: Millis,
) => SimulatedGossip;

/** Makes a real one. */
export const makeRealGossip: GossipMaker = (options, outbox, random, now) =>
  new GossipNode(options, outbox, random, now);

/** The knobs of the nodes, which all have the same. */
export type GossipSettings = Omit<GossipOptions, "name" | "address" | "run" | "incarnation">;

/** What a run is. */
export interface GossipSimulationOptions extends GossipSettings {
  readonly seed: number;
  readonly nodes: number;
  /** So many nodes are started later than the others, at any time of the period of the faults. */
  readonly lateNodes: number;
  /** The mean pause between two times that the user of a node says something. */
  readonly sayMeanMs: Millis;
  /** Which share of those times he says several rumors at once. */
  readonly burstRate: number;
  /** Up to so many. */
  readonly burstMax: number;
  /** Which share of the rumors is large. */
  readonly largeRate: number;
  /** Those have up to so many characters, and a quarter of it at least. */
  readonly largeMaxChars: number;
  readonly faults: GossipFaults;
  /** How long things go wrong; then everything heals. */
  readonly faultPeriodMs: Millis;
  /** From the healing on, the nodes must have found one another after so long at most. */
  readonly recoveryMs: Millis;
  /** From then on, users say rumors during so long. */
  readonly loadMs: Millis;
  /** And then within this time everybody must have everything. */
  readonly livenessMs: Millis;
  readonly makeNode?: GossipMaker;
}
