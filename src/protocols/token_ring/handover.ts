/**
 * A token on its way: sent until it is acknowledged, and to this one member alone. Who may have it
 * can't be passed over: with a second one on its way there would be two.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { RingMember, Token } from "./messages.ts";

const RESEND_FIRST_MS: Millis = 20;
const RESEND_LAST_MS: Millis = 200;

/** A token that was sent, and not yet acknowledged. */
export class Handover {
  readonly token: Token;
  readonly to: RingMember;
  /** Then it is given up. */
  readonly endsAt: Millis;
  #resendAt: Millis;
  #pauseMs = RESEND_FIRST_MS;

  constructor(token: Token, to: RingMember, patienceMs: Millis, now: Millis) {
    this.token = token;
    this.to = to;
    this.endsAt = now + patienceMs;
    this.#resendAt = now + this.#pauseMs;
  }

  /** When there is something to do. */
  get deadline(): Millis {
    return Math.min(this.#resendAt, this.endsAt);
  }

  /** Whether it is to be sent again; asked once for each time. */
  isDue(now: Millis): boolean {
    if (now < this.#resendAt) return false;
    this.#pauseMs = Math.min(2 * this.#pauseMs, RESEND_LAST_MS);
    this.#resendAt = now + this.#pauseMs;
    return true;
  }

  /** Whether whoever knows of this token has got it, or somebody after him. */
  isDone(epoch: number, sequence: number): boolean {
    return epoch > this.token.epoch ||
      (epoch === this.token.epoch && sequence >= this.token.sequence);
  }
}
