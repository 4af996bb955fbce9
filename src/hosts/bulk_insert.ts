/**
 * Rows into a table, many with one statement: with a statement for each, half of the time would go
 * into calling SQLite.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** What goes into a column. */
export type Value = string | number | Uint8Array | null;

const ROWS_PER_STATEMENT = 16;

/** Inserts into one table. */
export class BulkInsert {
  readonly #columns: number;
  readonly #one: StatementSync;
  readonly #many: StatementSync;

  /** For a table with so many columns. */
  constructor(db: DatabaseSync, table: string, columns: number) {
    const row = `(${new Array(columns).fill("?").join(", ")})`;
    const rows = new Array(ROWS_PER_STATEMENT).fill(row).join(", ");
    this.#columns = columns;
    this.#one = db.prepare(`INSERT INTO ${table} VALUES ${row}`);
    this.#many = db.prepare(`INSERT INTO ${table} VALUES ${rows}`);
  }

  /** Inserts rows, given as one flat array. */
  run(values: readonly Value[]): void {
    const many = this.#columns * ROWS_PER_STATEMENT;
    let at = 0;
    for (; at + many <= values.length; at += many) this.#many.run(...values.slice(at, at + many));
    for (; at < values.length; at += this.#columns) {
      this.#one.run(...values.slice(at, at + this.#columns));
    }
  }
}
