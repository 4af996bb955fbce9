/**
 * How a node leaves: it tells several members, a few times, and goes when they have heard it; or
 * without, since it can't wait for ever.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { MemberTable } from "./member_table.ts";
import type { MemberRecord, NodeName } from "./messages.ts";

/** So many have to know: they tell the others. */
const WITNESSES = 5;

/** How often those are told who have not answered. */
const ROUNDS = 4;

/** A node on its way out. */
export class Farewell {
  readonly #table: MemberTable;
  readonly #pauseMs: Millis;
  readonly #needed: number;
  readonly #witnesses = new Set<NodeName>();
  #roundsLeft = ROUNDS;
  #at: Millis;

  constructor(table: MemberTable, pauseMs: Millis, now: Millis) {
    this.#table = table;
    this.#pauseMs = pauseMs;
    this.#needed = Math.min(WITNESSES, table.upCount);
    this.#at = now;
  }

  /** When there is something to do. */
  get deadline(): Millis {
    return this.#at;
  }

  /** Whether enough have heard it, or were told in vain. */
  isOver(now: Millis): boolean {
    const isVain = this.#roundsLeft === 0 && now >= this.#at;
    return isVain || this.#witnesses.size >= this.#needed;
  }

  /** This member has heard it. */
  heard(name: NodeName): void {
    this.#witnesses.add(name);
  }

  /** Whom to tell now. */
  take(now: Millis): MemberRecord[] {
    if (now < this.#at || this.#roundsLeft === 0) return [];
    this.#roundsLeft--;
    this.#at = now + this.#pauseMs;
    const drawn = this.#table.draw(2 * WITNESSES);
    return drawn.filter(({ name }) => !this.#witnesses.has(name)).slice(0, WITNESSES);
  }
}
