/**
 * Who is probed next: each member once in a round, in an order that is shuffled anew for every round
 * (SWIM, section 4.3). So nobody waits for his next probe longer than two rounds.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { MemberTable } from "./member_table.ts";
import type { MemberRecord, NodeName } from "./messages.ts";

/** The order of the probes of one node. */
export class ProbeOrder {
  readonly #table: MemberTable;
  readonly #random: Random;
  /** Who is still to come in this round, the next one last. */
  #rest: NodeName[] = [];

  constructor(table: MemberTable, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  /** Somebody has come: he gets a place in this round. */
  add(name: NodeName): void {
    if (this.#rest.length === 0 || this.#rest.includes(name)) return;
    this.#rest.splice(this.#random.below(this.#rest.length + 1), 0, name);
  }

  /** Takes the next one who is up; undefined if nobody is. */
  take(): MemberRecord | undefined {
    if (this.#table.upCount === 0) return undefined;
    for (;;) {
      if (this.#rest.length === 0) this.#begin();
      const record = this.#table.get(this.#rest.pop()!);
      if (record !== undefined && this.#table.isUp(record.name)) return record;
    }
  }

  /** A round begins (Fisher and Yates). */
  #begin(): void {
    this.#rest = this.#table.upNames;
    for (let i = this.#rest.length - 1; i > 0; i--) {
      const j = this.#random.below(i + 1);
      [this.#rest[i], this.#rest[j]] = [this.#rest[j]!, this.#rest[i]!];
    }
  }
}
