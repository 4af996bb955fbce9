/**
 * The making of a token: one candidate asks all machines for their votes in a new epoch.
 *
 * The same epoch is asked for again and again until a majority has voted, or somebody knows of a
 * higher one; a vote isn't taken back, so an answer may come at any time.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { Promised, RingMember, TokenAge } from "./messages.ts";

/** An attempt to make the token of one epoch. */
export class Campaign {
  /** The epoch. */
  readonly epoch: number;
  readonly #votes = new Map<ProcessId, RingMember>();
  /** When to ask again. */
  askAt: Millis;
  /** Whether others were asked already. */
  hasAsked = false;
  /** The highest epoch that somebody has voted in who would not vote in this one. */
  highest: number;
  /** The latest that anybody knows of the token and of the view. */
  #sequence: number;
  #viewNumber: number;

  constructor(epoch: number, last: TokenAge, viewNumber: number, now: Millis) {
    this.epoch = epoch;
    this.askAt = now;
    this.highest = epoch - 1;
    this.#sequence = last.sequence;
    this.#viewNumber = viewNumber;
  }

  /** How many others have voted. */
  get votes(): number {
    return this.#votes.size;
  }

  /** Those who have voted. */
  get voters(): RingMember[] {
    return [...this.#votes.values()];
  }

  /** The highest sequence number that anybody knows of. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The highest number of a view that anybody knows of. */
  get viewNumber(): number {
    return this.#viewNumber;
  }

  /** A node has voted. */
  voted(
    node: ProcessId,
    { incarnation, next, last, viewNumber }: Omit<Promised, "type" | "epoch">,
  ): void {
    this.#votes.set(node, { node, incarnation, next });
    this.#sequence = Math.max(this.#sequence, last.sequence);
    this.#viewNumber = Math.max(this.#viewNumber, viewNumber);
  }
}
