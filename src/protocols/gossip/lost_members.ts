/**
 * Which of the dead are tried again: a partition may have healed, or somebody was started again.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import type { MemberTable } from "./member_table.ts";
import type { MemberRecord, NodeName } from "./messages.ts";

/** One of the dead is tried about so often. */
const RETRY_MS: Millis = 3000;

/** Of those that somebody else takes for alive, so many are tried at once, and so often. */
const DISPUTED_AT_ONCE = 3;
const DISPUTED_MS: Millis = 200;

/** The members that a node takes for dead. */
export class LostMembers {
  readonly #table: MemberTable;
  readonly #random: Random;
  /** Others take these for alive. */
  readonly #disputed = new Set<NodeName>();
  #retryAt: Millis;
  #disputedAt: Millis = Infinity;

  constructor(table: MemberTable, random: Random, now: Millis) {
    this.#table = table;
    this.#random = random;
    this.#retryAt = now + this.#pauseMs();
  }

  /** When `take` has something. */
  get deadline(): Millis {
    return Math.min(this.#retryAt, this.#disputedAt);
  }

  /** Somebody takes this member for alive, which is dead as far as we know: it is tried soon. */
  dispute(name: NodeName, now: Millis): void {
    this.#disputed.add(name);
    this.#disputedAt = Math.min(this.#disputedAt, now + this.#random.float() * DISPUTED_MS);
  }

  /** Who is to be tried now. */
  take(now: Millis): MemberRecord[] {
    const due: MemberRecord[] = [];
    if (now >= this.#disputedAt) due.push(...this.#takeDisputed(now));
    if (now >= this.#retryAt) {
      this.#retryAt = now + this.#pauseMs();
      const { dead } = this.#table;
      // The square prefers those who have died lately: they are likelier to come back.
      const record = dead.at(-1 - Math.floor(this.#random.float() ** 2 * dead.length));
      if (record !== undefined) due.push(record);
    }
    return due;
  }

  #takeDisputed(now: Millis): MemberRecord[] {
    const due: MemberRecord[] = [];
    for (const name of this.#disputed) {
      if (due.length >= DISPUTED_AT_ONCE) break;
      this.#disputed.delete(name);
      const record = this.#table.get(name);
      if (record?.state === "dead") due.push(record);
    }
    this.#disputedAt = this.#disputed.size === 0 ? Infinity : now + DISPUTED_MS;
    return due;
  }

  #pauseMs(): Millis {
    return this.#random.between(0.75, 1.25) * RETRY_MS;
  }
}
