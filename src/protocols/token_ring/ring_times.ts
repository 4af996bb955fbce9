/**
 * All times of a token ring, from the one that its user chooses.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** Times as parts of the lease. */
export class RingTimes {
  /** A grant needs so much of the lease, so that what uses the lock has time to hear of its end. */
  readonly leaseNeededMs: Millis;
  /** The owner of the token gives a sign so often. Three of them fit into a lease, so that two may be
   * lost. */
  readonly renewMs: Millis;
  /** The first sign after it has come. */
  readonly firstSignMs: Millis;
  /** A lease that is needed now is asked for so often. */
  readonly askAgainMs: Millis;
  /** Who has heard no sign of the token for so long has a new one made. */
  readonly lossMs: Millis;
  /** And within this time, a candidate who knows less is refused. */
  readonly freshMs: Millis;
  /** The next member has so long to acknowledge the token. */
  readonly handoverMs: Millis;
  /** Candidates pause from the first to the second between two attempts. */
  readonly campaignMinMs: Millis;
  readonly campaignMaxMs: Millis;
  /** A majority must have been heard within this time. */
  readonly quorumMs: Millis;
  /** All have had time to answer by then. */
  readonly answerMs: Millis;
  /** Who leaves goes after so long, noticed or not. */
  readonly leaveMs: Millis;
  /** Pauses between two `want`, and two `hello`. */
  readonly wantFirstMs: Millis = 50;
  readonly wantLastMs: Millis = 400;
  /** A token for which somebody waits goes round within this time, unless the lock is held for long or
   * paths are. */
  readonly flightMs: Millis = 10;
  readonly helloMs: Millis = 500;
  /** Who waits has to say so again within this time. */
  readonly waitingMs: Millis = 600;

  constructor(leaseMs: Millis) {
    this.leaseNeededMs = leaseMs / 4;
    this.renewMs = leaseMs / 3;
    this.firstSignMs = leaseMs / 6;
    this.askAgainMs = leaseMs / 15;
    this.lossMs = leaseMs * 0.8;
    this.freshMs = leaseMs * 0.4;
    this.handoverMs = leaseMs * 0.4;
    this.campaignMinMs = leaseMs / 10;
    this.campaignMaxMs = leaseMs * 0.3;
    this.quorumMs = leaseMs;
    this.answerMs = leaseMs * 0.3;
    this.leaveMs = leaseMs * 0.6;
  }
}
