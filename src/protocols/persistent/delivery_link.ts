/**
 * One delivery connection, as the coordinator sees it: what was sent on it, what was acknowledged,
 * and how much more may be on its way.
 *
 * @module
 */

import { assert } from "../assert.ts";
import type { Message } from "./messages.ts";
import type { MessageLog } from "./message_log.ts";
import type { RecentMessages } from "./recent_messages.ts";

/** How much may be on its way to one member. */
export interface Window {
  readonly messages: number;
  /** Of payloads. At least `MAX_TEXT_BYTES`. */
  readonly bytes: number;
}

/** What a link sends from. */
export interface Source {
  readonly log: MessageLog;
  readonly recent: RecentMessages;
}

/** One delivery connection. */
export class DeliveryLink {
  /** The host's number for it. */
  readonly link: number;
  /** Of the member that is at its other end. */
  readonly session: string;
  /** Everything up to here was sent, or need not be. Never below `#acknowledged`. */
  #sent: number;
  #acknowledged: number;
  /** What is on its way, as it was sent; what is acknowledged in part counts as a whole. */
  readonly #inFlight: { readonly last: number; readonly bytes: number }[] = [];
  #inFlightBytes = 0;

  constructor(link: number, session: string, position: number) {
    this.link = link;
    this.session = session;
    this.#sent = this.#acknowledged = position;
  }

  /** Everything up to here was sent, or need not be. */
  get sent(): number {
    return this.#sent;
  }

  /** So many messages are on their way. */
  get inFlight(): number {
    return this.#sent - this.#acknowledged;
  }

  /** Returns the next messages to send and counts them as sent; null if there are none, or if the
   * window is full. */
  next({ log, recent }: Source, window: Window): readonly Message[] | null {
    if (this.#sent >= recent.lastSeq) return null;
    const messages = window.messages - this.inFlight;
    const bytes = window.bytes - this.#inFlightBytes;
    if (messages <= 0 || bytes <= 0) return null;
    let page = recent.after(this.#sent) ??
      log.read(this.#sent, window.messages, window.bytes);
    // Others get the same page, and its bytes are made once for all: so nothing is cut to fit, if it
    // will fit later.
    if (page.length > window.messages) page = page.slice(0, window.messages);
    const pageBytes = payloadBytes(page);
    const fits = page.length <= messages && pageBytes <= bytes;
    if (page.length === 0 || (!fits && this.inFlight > 0)) return null;
    this.#send(page, pageBytes);
    return page;
  }

  /** Everything up to `seq` has been acknowledged. Returns false if so much was never sent. */
  acknowledge(seq: number): boolean {
    if (seq > this.#sent) return false;
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    while (this.#inFlight.length > 0 && this.#inFlight[0]!.last <= seq) {
      this.#inFlightBytes -= this.#inFlight.shift()!.bytes;
    }
    return true;
  }

  #send(page: readonly Message[], bytes: number): void {
    assert(page[0]!.seq === this.#sent + 1, "a page begins where the one before it ended");
    this.#sent = page.at(-1)!.seq;
    this.#inFlight.push({ last: this.#sent, bytes });
    this.#inFlightBytes += bytes;
  }
}

function payloadBytes(messages: readonly Message[]): number {
  let sum = 0;
  for (const { payload } of messages) sum += payload.length;
  return sum;
}
