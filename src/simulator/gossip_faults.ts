/**
 * What goes wrong in a simulated gossip network: every fault a named knob, all of them off by default.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { type FaultCounts, type Faults, NO_FAULTS, noFaultCounts } from "./faults.ts";

/** The knobs. Everything random is drawn from the seed. Those of the network are the same as of ordered
 * multicast; a crash isn't for good here. */
export interface GossipFaults extends Omit<Faults, "slow" | "slowMs"> {
  /** Probability that a datagram is lost once all is well. Gossip has to live with that, too. */
  readonly calmLossRate: number;
  /** How often some node crashes. */
  readonly crashes: number;
  /** How often several nodes crash at once. */
  readonly outages: number;
  /** Which share of the nodes that is. */
  readonly outageShare: number;
  /** How often some node leaves in good order. */
  readonly leaves: number;
  /** Who has crashed or left is started again after at most this, with an empty memory. */
  readonly downMaxMs: Millis;
  /** So many nodes crash or leave for good, as far as there are such that nobody else joins through. */
  readonly gone: number;
  /** How often two nodes can't reach each other for up to `partitionMaxMs`, both ways or one, though
   * others reach both. */
  readonly linkCuts: number;
  /** The rates of two clocks differ by at most this share. */
  readonly driftRate: number;
  /** A process notices that a time has come at most so late. */
  readonly lateMaxMs: Millis;
}

const { slow: _, slowMs: __, ...NO_NETWORK_FAULTS } = NO_FAULTS;

/** A good network, good machines, good clocks. */
export const NO_GOSSIP_FAULTS: GossipFaults = Object.freeze({
  ...NO_NETWORK_FAULTS,
  calmLossRate: 0,
  partitionMaxMs: 20_000,
  pauseMaxMs: 10_000,
  outages: 0,
  outageShare: 0.3,
  leaves: 0,
  downMaxMs: 10_000,
  gone: 0,
  linkCuts: 0,
  driftRate: 0,
  lateMaxMs: 0,
});

/** What really happened in a run, good and bad. */
export interface GossipFaultCounts extends FaultCounts {
  /** Messages that were too large for a datagram and went over a connection. */
  overTcp: number;
  /** Those that could not be brought, because there was no way or no process. */
  overTcpLost: number;
  /** How often a node learnt that nobody listens at an address. */
  refused: number;
  /** Processes that left in good order. */
  left: number;
  /** Nodes that a process took for down though they were up, or had been a moment before. */
  falseAlarms: number;
  /** Rumors that were said. */
  said: number;
  /** How often a process heard one of another. */
  heard: number;
  /** How many of those came by anti-entropy. */
  supplied: number;
  /** How often a rumor was told. */
  told: number;
  /** How many times a rumor that was said when all was well was to reach another process. */
  toReach: number;
  /** How many of those were not reached by mongering, but by anti-entropy or not at all. */
  unreached: number;
}

/** Nothing happened. */
export function noGossipFaultCounts(): GossipFaultCounts {
  return {
    ...noFaultCounts(),
    ...{ overTcp: 0, overTcpLost: 0, refused: 0, left: 0, falseAlarms: 0 },
    ...{ said: 0, heard: 0, supplied: 0, told: 0, toReach: 0, unreached: 0 },
  };
}
