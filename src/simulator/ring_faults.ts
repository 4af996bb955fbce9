/**
 * What goes wrong in a simulated token ring: every fault a named knob, all of them off by default.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { type FaultCounts, type Faults, NO_FAULTS, noFaultCounts } from "./faults.ts";

/** The knobs. Everything random is drawn from the seed. Those of the network are the same as of ordered
 * multicast; a crash isn't for good here. */
export interface RingFaults extends Omit<Faults, "slow" | "slowMs"> {
  /** How often the process of some node crashes: at once, or after one of the next things that it sends
   * or stores. */
  readonly crashes: number;
  /** How often the process crashes that has the token just then. */
  readonly holderCrashes: number;
  /** Who has crashed or left is started again after at most this. */
  readonly downMaxMs: Millis;
  /** How often the process stands still that has the token just then. */
  readonly holderPauses: number;
  /** How often that process is cut off from all others, for up to `partitionMaxMs`: both ways, or one. */
  readonly holderCuts: number;
  /** How often two nodes can't reach each other for up to `partitionMaxMs`, both ways or one, though
   * others reach both. */
  readonly linkCuts: number;
  /** How often some node leaves, to come back later. */
  readonly leaves: number;
  /** The rates of two clocks differ by at most this share. */
  readonly driftRate: number;
  /** A process notices that a time has come at most so late. */
  readonly lateMaxMs: Millis;
}

const { slow: _, slowMs: __, ...NO_NETWORK_FAULTS } = NO_FAULTS;

/** A good network, good machines, good clocks. */
export const NO_RING_FAULTS: RingFaults = Object.freeze({
  ...NO_NETWORK_FAULTS,
  holderCrashes: 0,
  downMaxMs: 1000,
  holderPauses: 0,
  holderCuts: 0,
  linkCuts: 0,
  leaves: 0,
  driftRate: 0,
  lateMaxMs: 0,
});

/** What really happened in a run, good and bad. */
export interface RingFaultCounts extends FaultCounts {
  /** Crashes and pauses that struck between two steps of a turn, and not between two turns. */
  struckInTurn: number;
  /** How many struck a node that used the lock. */
  crashedHolding: number;
  /** How many of the pauses struck a node that used the lock, and were longer than the lease. */
  pausedHolding: number;
  /** Processes that left in good order. */
  left: number;
  /** Processes that began while an earlier one's support might still have lasted. */
  quarantined: number;
  /** Leases that could not be extended, so that what used the lock was ended. */
  leasesLost: number;
  /** Grants that reached their user when the lease was over. */
  late: number;
  /** Requests that were given up. */
  withdrawn: number;
  /** Epochs in which there was a token. */
  epochs: number;
  /** Grants. */
  grants: number;
  /** Hops of the token. */
  hops: number;
}

/** Nothing happened. */
export function noRingFaultCounts(): RingFaultCounts {
  return {
    ...noFaultCounts(),
    struckInTurn: 0,
    crashedHolding: 0,
    pausedHolding: 0,
    left: 0,
    quarantined: 0,
    leasesLost: 0,
    late: 0,
    withdrawn: 0,
    epochs: 0,
    grants: 0,
    hops: 0,
  };
}
