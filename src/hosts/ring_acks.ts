/**
 * When a node of a token ring says that it has got the token.
 *
 * While the token flies, each hop would cost two datagrams, and the second one wakes a process that
 * competes with those that have the token before and after it. But who has an acknowledgement of a hop
 * needs none of the hops before. So the first one leaves at once, and those in the next few milliseconds
 * as one. Who waits for them sends the token again only after more than that.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { TokenAck } from "../protocols/token_ring/messages.ts";

/** At most so often the same node gets an acknowledgement: a quarter of the time after which a token is
 * sent again. */
const PAUSE_MS: Millis = 5;

/** Sends a message. */
type Send = (to: ProcessId, ack: TokenAck) => void;

/** The acknowledgements of one node. */
export class RingAcks {
  readonly #send: Send;
  /** Those not yet sent, the latest for each node. */
  #waiting = new Map<ProcessId, TokenAck>();
  #sentAt: Millis = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Whether there is something to do at the end of the turn. */
  get needTurn(): boolean {
    return this.#waiting.size > 0 && this.#timer === undefined;
  }

  /** The token of this hop has come from `to`. */
  add(to: ProcessId, ack: TokenAck): void {
    this.#waiting.set(to, ack);
  }

  /** The turn is over: sends what is to leave now, and sees to it that the rest does. */
  endTurn(now: Millis): void {
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    if (now - this.#sentAt >= PAUSE_MS) this.flush(now);
    else this.#timer = setTimeout(() => this.flush(performance.now()), PAUSE_MS);
  }

  /** Sends all. */
  flush(now: Millis): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const all = this.#waiting;
    this.#waiting = new Map();
    this.#sentAt = now;
    for (const [to, ack] of all) this.#send(to, ack);
  }

  /** Sends nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }
}
