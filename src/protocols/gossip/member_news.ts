/**
 * News of members, which ride on whatever a node says (SWIM, sections 3.2 and 4.1): each is told so
 * many times, and what has been told least often goes first.
 *
 * An epidemic among n members needs about log2 n tellings by each who has heard. Half of them are answers
 * to who has told it, so twice as many are urgent; some more make up for messages that are lost.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { MemberRecord, NodeName } from "./messages.ts";

/** So many fit in an envelope. */
export const MAX_NEWS = 8;

/** So many are told at a time. When very many come at once, it is quicker to ask somebody for all that he
 * knows, and what comes next must not wait behind them. */
export const MAX_QUEUED = 128;

/** Times the tellings of an epidemic: so many are urgent, and so many there are. */
const URGENT_FACTOR = 2;
const RETELLING_FACTOR = 3;

/** How often each has to tell something that is to reach so many members: ceil(log2(n + 1)). */
export function epidemicTellings(members: number): number {
  return 32 - Math.clz32(members); // The number of bits; `Math.log2` may differ between engines.
}

/** Something to tell. */
interface News {
  readonly record: MemberRecord;
  /** However often it was told, it still is until then. */
  readonly until: Millis;
}

/** What there is to tell: one record of each node at most. */
export class MemberNews {
  readonly #keepMs: Millis;
  /** How often each was told. */
  readonly #told = new Map<NodeName, number>();
  /** What was told so many times, by that number; the oldest of each first. */
  readonly #byTold: Map<NodeName, News>[] = [];
  /** What goes first with the next envelope, and isn't counted. */
  #next: MemberRecord[] = [];

  /** @param keepMs So long news are told at least: others may tell one another all at once what a third one
   * only hears when he asks for something. */
  constructor(keepMs: Millis) {
    this.#keepMs = keepMs;
  }

  /** How many records are still told. */
  get size(): number {
    return this.#told.size;
  }

  /** Tells this from now on, instead of what was known of the node before. */
  add(record: MemberRecord, now: Millis): void {
    this.#remove(record.name);
    if (this.#told.size >= MAX_QUEUED) this.#dropMostTold();
    this.#put({ record, until: now + this.#keepMs }, 0);
  }

  /** The next envelope is to have this record, because of who will get it. */
  addNext(record: MemberRecord): void {
    if (this.#next.length < MAX_NEWS) this.#next.push(record);
  }

  /** Whether anything is to reach so many members soon, and was not told often enough. */
  isUrgent(members: number): boolean {
    const tellings = URGENT_FACTOR * epidemicTellings(members);
    return this.#byTold.some((news, told) => told < tellings && news.size > 0);
  }

  /** News for an envelope, which now count as told once more. What so many members have heard often
   * enough is told no more. */
  take(members: number, now: Millis): MemberRecord[] {
    const taken = this.#next;
    this.#next = [];
    const limit = RETELLING_FACTOR * epidemicTellings(members);
    for (const news of this.#leastTold(MAX_NEWS - taken.length)) {
      taken.push(news.record);
      const told = this.#remove(news.record.name) + 1;
      if (told < limit || now < news.until) this.#put(news, Math.min(told, limit));
    }
    return taken;
  }

  #leastTold(count: number): News[] {
    const found: News[] = [];
    for (const group of this.#byTold) {
      for (const news of group.values()) {
        if (found.length >= count) return found;
        found.push(news);
      }
    }
    return found;
  }

  #dropMostTold(): void {
    for (const name of this.#byTold.findLast((group) => group.size > 0)?.keys() ?? []) {
      this.#remove(name);
      return;
    }
  }

  #put(news: News, told: number): void {
    const { name } = news.record;
    while (this.#byTold.length <= told) this.#byTold.push(new Map());
    this.#byTold[told]!.set(name, news);
    this.#told.set(name, told);
  }

  /** Returns how often it was told. */
  #remove(name: NodeName): number {
    const told = this.#told.get(name) ?? 0;
    this.#told.delete(name);
    this.#byTold[told]?.delete(name);
    return told;
  }
}
