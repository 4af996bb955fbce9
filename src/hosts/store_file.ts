/**
 * The SQLite file of a coordinator: opened by one process at a time, and left alone if it is
 * anything else than such a file.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { fileReason } from "./file_reason.ts";

/** The path that stands for a store which ends with the process. */
export const IN_MEMORY = ":memory:";

/** "mpcm": stands in the header of the file, where `file` and we look for it. */
const APPLICATION_ID = 0x6d70_636d;
const FORMAT_VERSION = 1;

/** Where a SQLite file's header has what tells it from others. */
const HEADER = { bytes: 100, version: 60, application: 68 } as const;
const MAGIC = "SQLite format 3\0";

/** A file up to this size is looked through when it is opened: that takes less than a second. */
const CHECKED_BYTES = 256 * 1024 * 1024;

/** What SQLite says, whose numbers Deno doesn't hand over, and what we say. */
const FAILURES: readonly (readonly [said: RegExp, reason: string])[] = [
  [/^database is locked/, "another process uses this store"],
  [/^database or disk is full/, "the disk is full"],
  [/^(database disk image is malformed|file is not a database)/, "the store is damaged"],
  [/^attempt to write a readonly database/, "no permission to write"],
  [/^unable to open database file/, "the file can't be opened"],
  [/^disk I\/O error/, "the disk can't be read or written"],
];

const SCHEMA = `
  CREATE TABLE store (id TEXT NOT NULL) STRICT;
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, sender TEXT NOT NULL, payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE answers (
    n INTEGER PRIMARY KEY, at INTEGER NOT NULL, request TEXT NOT NULL, seq INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE members (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, port INTEGER NOT NULL, state TEXT NOT NULL,
    session TEXT NOT NULL, cursor INTEGER NOT NULL, offline_since INTEGER
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the store at `path`, or makes it. A commit is durable when it returns.
 *
 * @throws {Error} in one line that names the file: it is not such a store, or damaged, or in use by
 * another process, or can't be read or written. It is unchanged then.
 */
export function openStoreFile(path: string): DatabaseSync {
  const isNew = path === IN_MEMORY || !isStore(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    // Written into the file at once, so only into one that is ours from its first byte on.
    if (isNew) db.exec("PRAGMA auto_vacuum = INCREMENTAL");
    lockAndCreate(db);
    checkContents(db, path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec("PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384");
    return db;
  } catch (error) {
    db?.close();
    throw storeError(error, path);
  }
}

/** What went wrong with the store at `path`, in one line. */
export function storeError(error: unknown, path: string): Error {
  if (error instanceof StoreError) return error;
  const [said] = (error as Error).message.split("\n");
  const reason = FAILURES.find(([pattern]) => pattern.test(said!))?.[1] ?? said!;
  return new StoreError(`${path}: ${reason}`, { cause: error });
}

/** A failure that is described already. */
class StoreError extends Error {}

/** Whether a store is there; false if nothing is. SQLite would write into anything that it takes for
 * a database, so we look first.
 *
 * @throws {StoreError} if something else is there. */
function isStore(path: string): boolean {
  const header = new Uint8Array(HEADER.bytes);
  let length = 0;
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new StoreError(`${path}: not a file`);
    if (size === 0) return false;
    using file = Deno.openSync(path);
    length = file.readSync(header) ?? 0;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      refuseMissingFolder(path);
      return false;
    }
    throw new StoreError(`${path}: ${fileReason(error)}`);
  }
  const view = new DataView(header.buffer);
  if (length < HEADER.bytes || new TextDecoder().decode(header.subarray(0, 16)) !== MAGIC) {
    throw new StoreError(`${path}: not a coordinator's store`);
  }
  if (view.getUint32(HEADER.application) !== APPLICATION_ID) {
    throw new StoreError(`${path}: a database of another program`);
  }
  if (view.getUint32(HEADER.version) !== FORMAT_VERSION) {
    throw new StoreError(`${path}: made by another version of mpcomm`);
  }
  return true;
}

function refuseMissingFolder(path: string): void {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".";
  try {
    Deno.statSync(folder);
  } catch (error) {
    throw new StoreError(`${path}: ${fileReason(error)}`);
  }
}

/** Holds the file until it is closed: the first access takes the lock, which nobody gets then. A new
 * file gets all of its contents at once, or nothing, and says from the first byte on whose it is. */
function lockAndCreate(db: DatabaseSync): void {
  db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  if (db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined) {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}`);
    db.exec(SCHEMA);
    db.prepare("INSERT INTO store VALUES (?)").run(crypto.randomUUID());
  }
  db.exec("COMMIT");
}

function checkContents(db: DatabaseSync, path: string): void {
  const { bytes } = db.prepare(
    "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
  ).get() as { bytes: number };
  if (bytes > CHECKED_BYTES) return;
  const { quick_check: found } = db.prepare("PRAGMA quick_check(1)").get() as {
    quick_check: string;
  };
  if (found !== "ok") throw new StoreError(`${path}: the store is damaged`);
}
