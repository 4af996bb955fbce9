/**
 * When a node of a token ring says that it has got the token.
 *
 * While the token flies, each hop would cost two messages, and the second one wakes a process that
 * competes with those that have the token before and after it. But who gets the token again knows that
 * it has arrived. So an acknowledgement waits for a few milliseconds, and goes only to whom the token has
 * not come back by then. Who waits for it sends the token again only after more than that.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { TokenAck } from "../protocols/token_ring/messages.ts";

/** An acknowledgement waits so long: a quarter of the time after which a token is sent again. */
const PAUSE_MS: Millis = 5;

/** Sends a message. */
type Send = (to: ProcessId, ack: TokenAck) => void;

/** What waits for one node. */
interface Waiting {
  ack: TokenAck;
  /** When its last token came. */
  cameAt: Millis;
}

/** The acknowledgements of one node. */
export class RingAcks {
  readonly #send: Send;
  readonly #waiting = new Map<ProcessId, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: Send) {
    this.#send = send;
  }

  /** The token of this hop has come from `to`. */
  add(to: ProcessId, ack: TokenAck, now: Millis): void {
    const waiting = this.#waiting.get(to);
    if (waiting === undefined) this.#waiting.set(to, { ack, cameAt: now });
    else {
      waiting.ack = ack;
      waiting.cameAt = now;
    }
    this.#timer ??= setTimeout(this.#onTimer, PAUSE_MS);
  }

  /** Sends all. */
  flush(): void {
    this.close();
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [to, { ack }] of all) this.#send(to, ack);
  }

  /** Sends nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends what has waited for long enough. */
  readonly #onTimer = (): void => {
    const now = performance.now();
    let next = Infinity;
    for (const [to, { ack, cameAt }] of this.#waiting) {
      const dueAt = cameAt + PAUSE_MS;
      if (dueAt > now) next = Math.min(next, dueAt);
      else {
        this.#waiting.delete(to);
        this.#send(to, ack);
      }
    }
    this.#timer = next === Infinity ? undefined : setTimeout(this.#onTimer, next - now);
  };
}
