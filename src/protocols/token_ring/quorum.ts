/**
 * Whether a majority of the machines can be reached, as far as a node has reason to know.
 *
 * That one can't is only known once the others had time to answer: those who hear that the token is
 * here, or those who are asked for votes.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Neighbours } from "./neighbours.ts";
import { majorityOf } from "./ring_rules.ts";
import type { RingTimes } from "./ring_times.ts";

/** Called with a change, and with how many machines were reached, this one included. */
type Report = (hasQuorum: boolean, reached: number) => void;

/** The majority, as a node sees it. */
export class Quorum {
  readonly #neighbours: Neighbours;
  readonly #needed: number;
  readonly #times: RingTimes;
  readonly #onChange: Report;
  #isReached: boolean | null = null;
  /** Since when votes are asked for, without a majority having answered; null if they aren't. */
  #askedSince: Millis | null = null;
  /** When all machines were first told that the token is here; null if they weren't yet. */
  #toldSince: Millis | null = null;

  /** Nothing is known yet. */
  constructor(neighbours: Neighbours, size: number, times: RingTimes, onChange: Report) {
    this.#neighbours = neighbours;
    this.#needed = majorityOf(size);
    this.#times = times;
    this.#onChange = onChange;
  }

  /** Whether a majority can be reached; null if that isn't known. */
  get isReached(): boolean | null {
    return this.#isReached;
  }

  /** Whether a majority was heard lately. */
  isHeard(now: Millis): boolean {
    return this.#isHeardSince(now - this.#times.quorumMs);
  }

  /** The token is there, here or elsewhere: nobody has to be asked for a new one. */
  tokenSeen(): void {
    this.#askedSince = null;
  }

  /** The token has come here. */
  tokenCame(): void {
    this.#askedSince = null;
    this.#toldSince = null;
  }

  /** All machines are told that the token is here. */
  told(now: Millis): void {
    this.#toldSince ??= now;
    this.answered(now);
  }

  /** One of those who were told has answered. */
  answered(now: Millis): void {
    const since = this.#toldSince ?? now;
    const isReached = this.#isHeardSince(since);
    if (isReached || now - since >= this.#times.answerMs) this.set(isReached, now);
    if (now - since >= this.#times.quorumMs) this.#toldSince = now;
  }

  /** Votes are asked for. Those who give none may answer all the same, and wait for leases to end. */
  asked(now: Millis): void {
    this.#askedSince ??= now;
    const isLong = now - this.#askedSince >= this.#times.quorumMs;
    if (isLong && !this.isHeard(now)) this.set(false, now);
  }

  /** It is known, from elsewhere or for another reason. */
  set(isReached: boolean, now: Millis): void {
    if (isReached) this.#askedSince = null;
    if (isReached === this.#isReached) return;
    this.#isReached = isReached;
    this.#onChange(isReached, 1 + this.#neighbours.heardSince(now - this.#times.quorumMs));
  }

  #isHeardSince(since: Millis): boolean {
    return 1 + this.#neighbours.heardSince(since) >= this.#needed;
  }
}
