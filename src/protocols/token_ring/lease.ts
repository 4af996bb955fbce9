/**
 * A lease, as the node counts it that has it: until when a majority votes for no other epoch.
 *
 * Each answer to `renew` brings back the time at which the question left, by our clock: support runs
 * from when the question came, which is later. So the lease ends before the support does, if clocks
 * run equally fast; that they may differ by a hundredth is taken off.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import { majorityOf } from "./ring_rules.ts";

/** The rates of two clocks differ by no more than this; each may be off by half of it. */
export const MAX_DRIFT = 0.01;

/** The lease of the token of one epoch, or of none. */
export class Lease {
  readonly #spanMs: Millis;
  readonly #majority: number;
  /** When the question left that each node answered last; -Infinity if it hasn't. */
  readonly #supportedAt: Float64Array;
  #epoch = 0;
  #until: Millis = -Infinity;

  constructor(leaseMs: Millis, nodes: number) {
    this.#spanMs = leaseMs * (1 - 2 * MAX_DRIFT);
    this.#majority = majorityOf(nodes);
    this.#supportedAt = new Float64Array(nodes).fill(-Infinity);
  }

  /** Until when it lasts, for the token of this epoch. */
  until(epoch: number): Millis {
    return epoch === this.#epoch ? this.#until : -Infinity;
  }

  /** It is over: nothing here counts on it any more. */
  end(): void {
    this.#epoch = 0;
  }

  /** A node supports the token since it heard a question that left at `sentAt`.
   *
   * @returns whether the lease lasts longer now. */
  supported(epoch: number, node: ProcessId, sentAt: Millis): boolean {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#supportedAt.fill(-Infinity);
      this.#until = -Infinity;
    }
    if (sentAt <= this.#supportedAt[node]!) return false;
    this.#supportedAt[node] = sentAt;
    const latestFirst = this.#supportedAt.toSorted().reverse();
    const until = latestFirst[this.#majority - 1]! + this.#spanMs;
    if (until <= this.#until) return false;
    this.#until = until;
    return true;
  }
}
