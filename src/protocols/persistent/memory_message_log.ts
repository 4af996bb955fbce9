/**
 * A message log in memory, for tests and the simulator: it can lose its open batch, as a store does
 * when the process dies, and can be told to fail.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { MemberId, Message } from "./messages.ts";
import type { MemberRecord, MessageLog } from "./message_log.ts";

interface Answer {
  readonly seq: number;
  readonly at: Millis;
}

/** A message log that outlives its coordinator, but not the process. */
export class MemoryMessageLog implements MessageLog {
  readonly store: string;
  /** Why the next commits fail; null if they don't. */
  failure: string | null = null;
  /** In order and without gaps; the first one has the number `#first`. */
  readonly #messages: Message[] = [];
  #first = 1;
  #lastAt: Millis = 0;
  readonly #answers = new Map<string, Answer>();
  readonly #members = new Map<MemberId, MemberRecord>();
  /** How to undo what the open batch has done, last things last. */
  #undo: (() => void)[] = [];
  /** What is pruned when the batch is committed. */
  #pruneUpTo = 0;
  #answersBefore: Millis = 0;

  constructor(store: string) {
    this.store = store;
  }

  get lastSeq(): number {
    return this.#first + this.#messages.length - 1;
  }

  get lastAt(): Millis {
    return this.#lastAt;
  }

  append(message: Message, request: string): void {
    const before = this.#lastAt;
    this.#messages.push(message);
    this.#lastAt = message.at;
    this.#undo.push(() => {
      this.#messages.pop();
      this.#lastAt = before;
    });
    this.remember(request, message.seq, message.at);
  }

  remember(request: string, seq: number, at: Millis): void {
    set(this.#answers, request, { seq, at }, this.#undo);
  }

  seqOfRequest(request: string): number | undefined {
    return this.#answers.get(request)?.seq;
  }

  read(after: number, maxMessages: number, maxBytes: number): Message[] {
    const begin = Math.max(0, after + 1 - this.#first);
    let end = begin;
    let bytes = 0;
    while (end < this.#messages.length && end - begin < Math.max(1, maxMessages)) {
      bytes += this.#messages[end]!.payload.length;
      if (bytes > maxBytes && end > begin) break;
      end++;
    }
    return this.#messages.slice(begin, end);
  }

  firstSince(at: Millis): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#messages[middle]!.at >= at) high = middle;
      else low = middle + 1;
    }
    return this.#first + low;
  }

  members(): Iterable<MemberRecord> {
    return this.#members.values();
  }

  saveMember(record: MemberRecord): void {
    set(this.#members, record.id, record, this.#undo);
  }

  removeMember(id: MemberId): void {
    set(this.#members, id, undefined, this.#undo);
  }

  prune(upTo: number, answersBefore: Millis): void {
    this.#pruneUpTo = Math.min(upTo, this.lastSeq);
    this.#answersBefore = answersBefore;
  }

  commit(): void {
    if (this.failure !== null) {
      this.rollBack();
      throw new Error(this.failure);
    }
    this.#undo = [];
    this.#prune();
  }

  /** Forgets the open batch. */
  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
    this.#pruneUpTo = this.#answersBefore = 0;
  }

  #prune(): void {
    const gone = this.#pruneUpTo + 1 - this.#first;
    if (gone > 0) {
      this.#messages.splice(0, gone);
      this.#first += gone;
    }
    if (this.#answersBefore === 0) return;
    for (const [request, { at }] of this.#answers) {
      if (at < this.#answersBefore) this.#answers.delete(request);
    }
    this.#answersBefore = 0;
  }
}

/** Sets what is kept under a key, or removes it, and says how to undo that. */
function set<K, V>(map: Map<K, V>, key: K, value: V | undefined, undo: (() => void)[]): void {
  const before = map.get(key);
  undo.push(() => before === undefined ? map.delete(key) : map.set(key, before));
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
