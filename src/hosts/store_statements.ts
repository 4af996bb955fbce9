/**
 * The questions and orders that a store's file is given, prepared once.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BulkInsert } from "./bulk_insert.ts";

/** One for each thing that is done with the file. */
export interface Statements {
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly insertMessages: BulkInsert;
  readonly insertAnswers: BulkInsert;
  readonly messages: StatementSync;
  readonly time: StatementSync;
  readonly answer: StatementSync;
  readonly firstAnswer: StatementSync;
  readonly members: StatementSync;
  readonly saveMember: StatementSync;
  readonly removeMember: StatementSync;
  readonly deleteMessages: StatementSync;
  readonly deleteAnswers: StatementSync;
  readonly space: StatementSync;
}

/** Prepares them. */
export function prepareStatements(db: DatabaseSync): Statements {
  return {
    begin: db.prepare("BEGIN"),
    commit: db.prepare("COMMIT"),
    insertMessages: new BulkInsert(db, "messages", 4),
    insertAnswers: new BulkInsert(db, "answers", 4),
    messages: db.prepare(
      "SELECT seq, at, sender, payload FROM messages WHERE seq > ? ORDER BY seq LIMIT ?",
    ),
    time: db.prepare("SELECT at FROM messages WHERE seq = ?"),
    answer: db.prepare("SELECT request, seq FROM answers WHERE n = ?"),
    firstAnswer: db.prepare(
      "SELECT n FROM answers WHERE n >= ? AND n < ? AND at >= ? ORDER BY n LIMIT 1",
    ),
    members: db.prepare("SELECT * FROM members ORDER BY id"),
    saveMember: db.prepare("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?, ?, ?)"),
    removeMember: db.prepare("DELETE FROM members WHERE id = ?"),
    deleteMessages: db.prepare("DELETE FROM messages WHERE seq <= ?"),
    deleteAnswers: db.prepare("DELETE FROM answers WHERE n <= ?"),
    space: db.prepare(
      "SELECT freelist_count AS empty, page_count AS whole " +
        "FROM pragma_freelist_count, pragma_page_count",
    ),
  };
}

/** The lowest and highest key of a table; null if it is empty. */
export function boundsOf(
  db: DatabaseSync,
  key: string,
  table: string,
): { readonly first: number; readonly last: number } | null {
  // One query for both would read the whole table.
  const first = db.prepare(`SELECT min(${key}) AS n FROM ${table}`).get() as { n: number | null };
  const last = db.prepare(`SELECT max(${key}) AS n FROM ${table}`).get() as { n: number | null };
  return first.n === null || last.n === null ? null : { first: first.n, last: last.n };
}
