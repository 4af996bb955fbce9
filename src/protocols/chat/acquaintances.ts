/**
 * Those who have greeted this process, and what they said they were.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { ChatIdentity, Greeting } from "./chat_messages.ts";

/** Who hasn't greeted for so long may be gone. Greetings are at most half a second apart, so several
 * in a row may be lost. */
const FRESH_MS = 3000;

/** So many names are remembered at most; each belongs to somebody who wrote to us. */
const MAX_ACQUAINTANCES = 1000;

/** So many who are gone are remembered at most, so that their late greetings are recognized. */
const MAX_GONE = 1000;

/** One that greeted. */
export interface Acquaintance {
  readonly greeting: Greeting;
  /** Since when it, in this life, has been saying the same. */
  readonly since: Millis;
  readonly latest: Millis;
}

/** The latest greeting of everybody. */
export class Acquaintances {
  readonly #byName = new Map<string, Acquaintance>();
  readonly #gone = new Set<number>();

  /** Takes a greeting in. */
  note(greeting: Greeting, now: Millis): void {
    const { from, state } = greeting;
    if (state === "gone") return this.#forget(from);
    if (this.#gone.has(from.nonce)) return; // It was under way when its sender left.
    const before = this.#byName.get(from.name);
    const isSame = before !== undefined && before.greeting.from.nonce === from.nonce &&
      before.greeting.state === state && now - before.latest < FRESH_MS;
    if (before === undefined && this.#byName.size >= MAX_ACQUAINTANCES) return;
    this.#byName.set(from.name, { greeting, since: isSame ? before.since : now, latest: now });
  }

  /** It is no more, or was in a view that it has left: what still comes of it is old. */
  depart(member: ChatIdentity): void {
    this.#forget(member);
  }

  /** Has this process, in this life, said that it is gone? */
  isGone(member: ChatIdentity): boolean {
    return this.#gone.has(member.nonce);
  }

  /** Its latest greeting, if it came a moment ago. */
  find(name: string, now: Millis): Acquaintance | undefined {
    const found = this.#byName.get(name);
    return found !== undefined && now - found.latest < FRESH_MS ? found : undefined;
  }

  /** All that greeted a moment ago. */
  all(now: Millis): Acquaintance[] {
    return [...this.#byName.values()].filter(({ latest }) => now - latest < FRESH_MS);
  }

  #forget({ name, nonce }: ChatIdentity): void {
    this.#gone.add(nonce);
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.values().next().value!);
    if (this.#byName.get(name)?.greeting.from.nonce === nonce) this.#byName.delete(name);
  }
}
