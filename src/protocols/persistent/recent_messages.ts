/**
 * The latest messages, in pages that all members share: who keeps up is served from here, and the
 * store is not read.
 *
 * @module
 */

import type { Message } from "./messages.ts";

/** A page has at most so many messages: a part of a member's window, so that a window that is nearly
 * full still takes one. */
const PAGE_MESSAGES = 64;
/** And so many bytes of payloads, unless a single message has more. */
const PAGE_BYTES = 128 * 1024;

/** So much is kept: many times what one turn brings. */
const KEPT_MESSAGES = 8192;
const KEPT_BYTES = 4 * 1024 * 1024;

interface Page {
  readonly messages: readonly Message[];
  readonly bytes: number;
}

/** The latest messages. What is not here is in the store. */
export class RecentMessages {
  /** In order, without gaps. The ones below `#begin` are gone; the array is tidied now and then. */
  #pages: Page[] = [];
  #begin = 0;
  #messages = 0;
  #bytes = 0;
  #lastSeq: number;

  /** @param lastSeq The number of the latest message in the store. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  /** The number of the latest message that may be sent. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Adds messages that are on disk. */
  add(messages: readonly Message[]): void {
    let bytes = 0;
    let begin = 0;
    for (let i = 0; i < messages.length; i++) {
      const { length } = messages[i]!.payload;
      if (i > begin && (i - begin >= PAGE_MESSAGES || bytes + length > PAGE_BYTES)) {
        this.#addPage(messages.slice(begin, i), bytes);
        begin = i;
        bytes = 0;
      }
      bytes += length;
    }
    if (begin < messages.length) this.#addPage(messages.slice(begin), bytes);
    this.#forget();
  }

  /** The messages of a page that are above a number; null if they must be read from the store. */
  after(seq: number): readonly Message[] | null {
    const page = this.#find(seq + 1);
    if (page === null) return null;
    const first = page.messages[0]!.seq;
    return first === seq + 1 ? page.messages : page.messages.slice(seq + 1 - first);
  }

  #addPage(messages: readonly Message[], bytes: number): void {
    this.#pages.push({ messages, bytes });
    this.#messages += messages.length;
    this.#bytes += bytes;
    this.#lastSeq = messages.at(-1)!.seq;
  }

  #forget(): void {
    while (this.#messages > KEPT_MESSAGES || this.#bytes > KEPT_BYTES) {
      const { messages, bytes } = this.#pages[this.#begin++]!;
      this.#messages -= messages.length;
      this.#bytes -= bytes;
    }
    if (this.#begin > this.#pages.length / 2) {
      this.#pages = this.#pages.slice(this.#begin);
      this.#begin = 0;
    }
  }

  /** The page with this number, by halving. */
  #find(seq: number): Page | null {
    let low = this.#begin;
    let high = this.#pages.length - 1;
    if (low > high || seq < this.#pages[low]!.messages[0]!.seq || seq > this.#lastSeq) return null;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#pages[middle]!.messages[0]!.seq <= seq) low = middle;
      else high = middle - 1;
    }
    return this.#pages[low]!;
  }
}
