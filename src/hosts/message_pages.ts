/**
 * Messages as they are read from a store: in pages, of which the latest are kept.
 *
 * @module
 */

import type { Message } from "../protocols/persistent/messages.ts";

/** A read ends at the latest at a multiple of this, and so many reads are kept: members that are
 * equally far behind get the same pages, which are read and encoded once. */
const PAGE_MESSAGES = 256;
const PAGES_KEPT = 64;
const PAGE_BYTES_KEPT = 8 * 1024 * 1024;

/** Messages that were read together. */
export interface Page {
  readonly messages: Message[];
  /** Of their payloads. */
  readonly bytes: number;
}

/** The latest reads. */
export class MessagePages {
  /** By the number that they begin after. */
  readonly #pages = new Map<number, Page>();
  #bytes = 0;

  /** The messages above `from`: those that are kept, or what `load` reads, `most` at most. */
  read(
    from: number,
    maxMessages: number,
    maxBytes: number,
    load: (most: number) => Page,
  ): Message[] {
    const kept = this.#pages.get(from);
    if (kept !== undefined && kept.messages.length <= maxMessages && kept.bytes <= maxBytes) {
      return kept.messages;
    }
    const pageEnd = (Math.floor(from / PAGE_MESSAGES) + 1) * PAGE_MESSAGES;
    const page = load(Math.min(maxMessages, pageEnd - from));
    this.#keep(from, page);
    return page.messages;
  }

  #keep(from: number, page: Page): void {
    this.#bytes += page.bytes - (this.#pages.get(from)?.bytes ?? 0);
    this.#pages.set(from, page);
    for (const [oldest, { bytes }] of this.#pages) {
      if (this.#pages.size <= PAGES_KEPT && this.#bytes <= PAGE_BYTES_KEPT) return;
      this.#pages.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}

/** The messages above a number, as far as both limits allow, but at least one if there is one. */
export function upTo(
  source: Iterable<Message>,
  after: number,
  maxMessages: number,
  maxBytes: number,
): Page {
  const messages: Message[] = [];
  let bytes = 0;
  for (const message of source) {
    if (message.seq <= after) continue;
    const more = bytes + message.payload.length;
    if (messages.length > 0 && (messages.length >= maxMessages || more > maxBytes)) break;
    messages.push(message);
    bytes = more;
  }
  return { messages, bytes };
}
