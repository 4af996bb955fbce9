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
  /** By nonce: the chat from which each is gone; 0 for one that was in none, or was let go. */
  readonly #gone = new Map<number, number>();

  /** Takes a greeting in. */
  note(greeting: Greeting, now: Millis): void {
    const { from, state, chat } = greeting;
    if (state === "gone") return this.#forget(from, chat);
    if (this.#gone.has(from.nonce)) return; // It was under way when its sender left.
    const before = this.#byName.get(from.name);
    const isSame = before !== undefined && before.greeting.from.nonce === from.nonce &&
      before.greeting.state === state && before.greeting.chat === chat &&
      now - before.latest < FRESH_MS;
    if (before === undefined && this.#byName.size >= MAX_ACQUAINTANCES) return;
    this.#byName.set(from.name, { greeting, since: isSame ? before.since : now, latest: now });
  }

  /** It is no more, or was in a view that it has left: what still comes of it is old. */
  depart(member: ChatIdentity): void {
    this.#forget(member, 0);
  }

  /** Has this process, in this life, said that it is gone? */
  isGone(member: ChatIdentity): boolean {
    return this.#gone.has(member.nonce);
  }

  /** Has this process said that it is gone, while it was a member of this chat? Unlike one that gave
   * up outside, it said so with its last breath. */
  hasQuit({ nonce }: ChatIdentity, chat: number): boolean {
    return this.#gone.get(nonce) === chat;
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

  #forget({ name, nonce }: ChatIdentity, chat: number): void {
    const known = this.#gone.get(nonce) ?? 0;
    this.#gone.set(nonce, chat === 0 ? known : chat);
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.keys().next().value!);
    if (this.#byName.get(name)?.greeting.from.nonce === nonce) this.#byName.delete(name);
  }
}
