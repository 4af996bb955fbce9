/**
 * What a node has promised to others: its vote in each epoch, and its support of the token there is.
 *
 * A majority of votes makes a token; a majority of support makes a lease. Two majorities share a
 * node, and no node votes while it supports: so when a new token is made, every lease of an older one
 * is over. That is the way of PaxosLease (Trencseni, Gazso and Reinhardt, PaxosLease: Diskless Paxos
 * for Leases, 2012, section 3), but with votes that outlive a restart, because fencing numbers have
 * to grow over restarts too.
 *
 * @module
 */

import { assert } from "../assert.ts";
import type { Millis, ProcessId } from "../process.ts";
import type { Vote } from "./messages.ts";

/** What a node has promised. */
export class Acceptor {
  readonly #leaseMs: Millis;
  /** Never goes back, over restarts neither. */
  #vote: Vote;
  /** The highest epoch that it has voted for or heard of. Never below `#vote.epoch`. */
  #highest: number;
  /** It votes for nobody before: others count on that, and this node itself. */
  #othersUntil: Millis;
  #ownUntil: Millis = -Infinity;

  /** @param isQuarantined Whether it may have promised support that it doesn't know of. */
  constructor(leaseMs: Millis, vote: Vote, isQuarantined: boolean, now: Millis) {
    this.#leaseMs = leaseMs;
    this.#vote = vote;
    this.#highest = vote.epoch;
    this.#othersUntil = isQuarantined ? now + leaseMs : -Infinity;
  }

  /** The highest epoch that it has voted for or heard of: what is older is dead. */
  get highest(): number {
    return this.#highest;
  }

  /** Its latest vote. */
  get vote(): Vote {
    return this.#vote;
  }

  /** It votes for nobody before. */
  get supportsUntil(): Millis {
    return Math.max(this.#othersUntil, this.#ownUntil);
  }

  /** A token of this epoch exists. */
  heard(epoch: number): void {
    this.#highest = Math.max(this.#highest, epoch);
  }

  /** Supports the token of this epoch, of which none higher was heard, for the time of a lease. */
  support(epoch: number, isOwn: boolean, now: Millis): void {
    this.heard(epoch);
    if (isOwn) this.#ownUntil = now + this.#leaseMs;
    else this.#othersUntil = Math.max(this.#othersUntil, now + this.#leaseMs);
  }

  /** Whether it may vote for the candidate; asked again, it is the same vote. */
  mayVote(epoch: number, candidate: ProcessId, now: Millis): boolean {
    const isSame = epoch === this.#vote.epoch && candidate === this.#vote.candidate;
    return now >= this.supportsUntil &&
      (epoch > this.#highest || (isSame && epoch === this.#highest));
  }

  /** Votes. The vote must be durable before anybody hears of it. */
  cast(epoch: number, candidate: ProcessId, now: Millis): Vote {
    assert(this.mayVote(epoch, candidate, now), "a vote is only cast where it may be");
    this.#highest = epoch;
    return this.#vote = { epoch, candidate };
  }

  /** Takes back its support of itself: this node has no lease any more. */
  release(): void {
    this.#ownUntil = -Infinity;
  }
}
