/**
 * What goes wrong in a simulated persistent multicast: every fault a named knob, all of them off by
 * default.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** The knobs. Everything random is drawn from the seed. */
export interface PersistentFaults {
  /** Nothing is faster on a connection, one way. */
  readonly delayMinMs: Millis;
  /** Mean one-way delay: the minimum plus an exponential tail. A connection keeps the order. */
  readonly delayMeanMs: Millis;
  /** Probability that a connection breaks, for each message on it; what is under way is lost. */
  readonly breakRate: number;
  /** Probability that a request is sent once more, on another connection, though nothing is lost. */
  readonly repeatRate: number;
  /** How often the coordinator crashes: at once, or at one of its next steps. */
  readonly coordinatorCrashes: number;
  /** How often some participant crashes. */
  readonly participantCrashes: number;
  /** Who has crashed is started again after at most this. */
  readonly downMaxMs: Millis;
  /** The coordinator's machine sets its clock forward or back by at most this while the coordinator
   * is down. */
  readonly clockStepMaxMs: Millis;
  /** How often some participant stands still, as after SIGSTOP. */
  readonly pauses: number;
  /** A pause lasts up to this. */
  readonly pauseMaxMs: Millis;
  /** How often the coordinator's store can't commit for a while, as on a full disk. */
  readonly storeFailures: number;
  /** A failure of the store lasts up to this. */
  readonly storeFailureMaxMs: Millis;
}

/** A good network and good machines. */
export const NO_PERSISTENT_FAULTS: PersistentFaults = Object.freeze({
  delayMinMs: 1,
  delayMeanMs: 1,
  breakRate: 0,
  repeatRate: 0,
  coordinatorCrashes: 0,
  participantCrashes: 0,
  downMaxMs: 1000,
  clockStepMaxMs: 0,
  pauses: 0,
  pauseMaxMs: 2000,
  storeFailures: 0,
  storeFailureMaxMs: 500,
});

/** What really went wrong in a run. */
export interface PersistentFaultCounts {
  /** Connections that broke. */
  broken: number;
  /** Requests that came once more after they had been granted. */
  repeated: number;
  /** Crashes of the coordinator. */
  coordinatorCrashes: number;
  /** Crashes of participants. */
  participantCrashes: number;
  /** Pauses of participants. */
  paused: number;
  /** Batches that the store couldn't commit. */
  failedCommits: number;
  /** Restarts of the coordinator with a clock that had been set. */
  clockSteps: number;
  /** Returns after exactly td. */
  returnsAtTd: number;
}

/** Nothing went wrong. */
export function noPersistentFaultCounts(): PersistentFaultCounts {
  return {
    broken: 0,
    repeated: 0,
    coordinatorCrashes: 0,
    participantCrashes: 0,
    paused: 0,
    failedCommits: 0,
    clockSteps: 0,
    returnsAtTd: 0,
  };
}
