/**
 * The messages, members and answers of a coordinator in one SQLite file.
 *
 * ```ts
 * import { SqliteMessageLog } from "./sqlite_message_log.ts";
 *
 * using log = SqliteMessageLog.open(":memory:");
 * const payload = new TextEncoder().encode("hello");
 * log.append({ seq: 1, at: 1_732_100_000_000, sender: "ada", payload }, "ada 1");
 * log.commit();
 * console.assert(log.seqOfRequest("ada 1") === 1);
 * console.assert(log.read(0, 10, 1000)[0]?.sender === "ada");
 * ```
 *
 * What is written waits in memory for its commit, and then goes into the file in one transaction.
 * What is no longer needed is deleted a little with each commit, and in idle moments; the space is
 * used again, and given back to the file system when more than half of the file is empty.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { MemberRecord, MessageLog } from "../protocols/persistent/message_log.ts";
import type { MemberId, Message } from "../protocols/persistent/messages.ts";
import { AnswerIndex, ANSWERS_KEPT } from "./answer_index.ts";
import type { Value } from "./bulk_insert.ts";
import { MessagePages, upTo } from "./message_pages.ts";
import { openStoreFile, storeError } from "./store_file.ts";
import { boundsOf, prepareStatements, type Statements } from "./store_statements.ts";

/** With each commit at least so many rows are deleted, if there are any to delete, and twice as many
 * as it adds, so that deleting keeps up with adding. */
const PRUNED_AT_LEAST = 32;

/** So many rows are deleted in one idle moment. */
const PRUNED_IDLE = 256;

/** So many answers are read from the file at a time. */
const ANSWERS_LOADED = 4096;

/** Space is given back in such steps, in pages of 4 KiB, if more than so much is empty. */
const VACUUM_PAGES = 256;
const EMPTY_PAGES_MAX = 4096;

/** How to open a store. */
export interface StoreOptions {
  /** Begins anew: whatever it holds is thrown away.
   *
   * @default {false} */
  readonly fresh?: boolean;
  /** How many answers are remembered at most: a power of two. Each takes 20 bytes of memory.
   *
   * @default {1048576} */
  readonly answersKept?: number;
}

/** An answer that was given. */
interface Answer {
  readonly at: number;
  readonly request: string;
  readonly seq: number;
}

/** What is to be deleted, up to and with these. */
interface Excess {
  readonly seq: number;
  readonly answer: number;
}

/** A store in one SQLite file. */
export class SqliteMessageLog implements MessageLog, Disposable {
  /** Names the store: another one has another name. */
  readonly store: string;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #index: AnswerIndex;
  readonly #answersKept: number;
  readonly #members = new Map<MemberId, MemberRecord>();
  /** The first and last of what is in the file; first = last + 1 where there is nothing. */
  #firstSeq = 1;
  #lastSeq = 0;
  #lastAt = 0;
  #firstAnswer = 1;
  #lastAnswer = 0;
  /** The open batch. */
  #messages: Message[] = [];
  #answers: Answer[] = [];
  #seqs = new Map<string, number>();
  #changes = new Map<MemberId, MemberRecord | null>();
  /** What nobody needs any more. */
  #prunable = 0;
  #answersBefore = 0;
  #failure: string | null = null;
  readonly #pages = new MessagePages();

  /**
   * Opens the store at `path`, or makes it; `:memory:` stands for one that ends with the process.
   *
   * @throws {Error} in one line that names the file: it is something else, or damaged, or in use, or
   * can't be read or written. It is unchanged then.
   */
  static open(path: string, options: StoreOptions = {}): SqliteMessageLog {
    const db = openStoreFile(path);
    try {
      if (options.fresh) empty(db);
      return new SqliteMessageLog(path, db, options);
    } catch (error) {
      db.close();
      throw storeError(error, path);
    }
  }

  private constructor(path: string, db: DatabaseSync, options: StoreOptions) {
    const { answersKept = ANSWERS_KEPT } = options;
    this.#path = path;
    this.#db = db;
    this.#answersKept = answersKept;
    this.#statements = prepareStatements(db);
    this.#index = new AnswerIndex(answersKept, crypto.getRandomValues(new Uint32Array(1))[0]!);
    this.store = (db.prepare("SELECT id FROM store").get() as { id: string }).id;
    this.#loadMembers();
    this.#loadMessages();
    this.#loadAnswers();
  }

  /** The number of the latest message, the open batch included; 0 before the first. */
  get lastSeq(): number {
    return this.#messages.at(-1)?.seq ?? this.#lastSeq;
  }

  /** The latest message's time, likewise. */
  get lastAt(): number {
    return this.#messages.at(-1)?.at ?? this.#lastAt;
  }

  /** Why the latest attempt to write into the file failed; null if it didn't. */
  get failure(): string | null {
    return this.#failure;
  }

  /** How many messages are in the file. */
  get kept(): number {
    return this.#lastSeq - this.#firstSeq + 1;
  }

  /** Whether {@linkcode clean} has work. */
  get isCleaningDue(): boolean {
    const { seq, answer } = this.#excess(1);
    return seq >= this.#firstSeq || answer >= this.#firstAnswer;
  }

  // --- writing

  /** Adds a message, the answer to a request. */
  append(message: Message, request: string): void {
    this.#messages.push(message);
    this.remember(request, message.seq, message.at);
  }

  /** Keeps the answer to a request. */
  remember(request: string, seq: number, at: number): void {
    this.#answers.push({ at, request, seq });
    this.#seqs.set(request, seq);
  }

  /** Adds a member, or replaces what is kept about it. */
  saveMember(record: MemberRecord): void {
    this.#changes.set(record.id, record);
  }

  /** Forgets a member. */
  removeMember(id: MemberId): void {
    this.#changes.set(id, null);
  }

  /** Nobody can need messages up to this number any more, nor answers from before a time. The latest
   * message stays: it says where to go on. */
  prune(upTo: number, answersBefore: number): void {
    this.#prunable = Math.max(this.#prunable, upTo);
    this.#answersBefore = Math.max(this.#answersBefore, answersBefore);
  }

  /**
   * Makes the open batch durable.
   *
   * @throws {Error} in one line that names the file. Then nothing of the batch is stored.
   */
  commit(): void {
    const messages = this.#messages;
    const answers = this.#answers;
    const changes = this.#changes;
    this.#messages = [];
    this.#answers = [];
    this.#seqs = new Map();
    this.#changes = new Map();
    if (answers.length === 0 && changes.size === 0) return;
    const excess = this.#excess(Math.max(PRUNED_AT_LEAST, 2 * answers.length));
    this.#transact(() => {
      this.#insert(messages, answers);
      for (const [id, record] of changes) this.#write(id, record);
      this.#delete(excess);
    });
    for (const { request } of answers) this.#index.add(++this.#lastAnswer, request);
    for (const [id, record] of changes) {
      if (record === null) this.#members.delete(id);
      else this.#members.set(id, record);
    }
    this.#lastSeq = messages.at(-1)?.seq ?? this.#lastSeq;
    this.#lastAt = messages.at(-1)?.at ?? this.#lastAt;
    this.#forget(excess);
  }

  /**
   * Deletes some of what nobody needs any more, or gives some empty space back. For idle moments: it
   * takes some milliseconds.
   *
   * @returns whether there is more to do.
   * @throws {Error} in one line that names the file, as {@linkcode commit}.
   */
  clean(): boolean {
    if (!this.isCleaningDue) return this.#giveBack();
    const excess = this.#excess(PRUNED_IDLE);
    this.#transact(() => this.#delete(excess));
    this.#forget(excess);
    return true;
  }

  /** Closes the file. What is not committed is lost. */
  close(): void {
    this.#db.close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  // --- reading

  /** The number that a request was answered with; undefined if it was not, or if that is
   * forgotten. */
  seqOfRequest(request: string): number | undefined {
    const open = this.#seqs.get(request);
    if (open !== undefined) return open;
    let seq: number | undefined;
    this.#index.find(request, (answer) => {
      if (answer < this.#firstAnswer) return false;
      const row = this.#look(() => this.#statements.answer.get(answer)) as unknown as Answer;
      if (row.request !== request) return false;
      seq = row.seq;
      return true;
    });
    return seq;
  }

  /** Messages above `after`, in order, from the first one that is kept. The array must not be
   * changed: others may get the same. */
  read(after: number, maxMessages: number, maxBytes: number): Message[] {
    const from = Math.max(after, this.#firstSeq - 1);
    if (from >= this.#lastSeq) return upTo(this.#messages, after, maxMessages, maxBytes).messages;
    return this.#pages.read(
      from,
      maxMessages,
      maxBytes,
      (most) =>
        this.#look(() => {
          const rows = this.#statements.messages.iterate(from, most) as Iterable<unknown>;
          return upTo(rows as Iterable<Message>, from, most, maxBytes);
        }),
    );
  }

  /** The lowest number of a message that is kept with `at` at this time or later; `lastSeq + 1` if
   * there is none. Found by halving: times never decrease. */
  firstSince(at: number): number {
    const open = this.#messages.find((message) => message.at >= at)?.seq ?? this.lastSeq + 1;
    if (this.#lastAt < at) return open;
    let low = this.#firstSeq;
    let high = this.#lastSeq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#look(() => this.#statements.time.get(middle)) as { at: number };
      if (row.at >= at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Reads from the file, whose damage may only be found now. */
  #look<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  /** All members. */
  *members(): Generator<MemberRecord> {
    for (const record of this.#members.values()) {
      if (!this.#changes.has(record.id)) yield record;
    }
    for (const record of this.#changes.values()) if (record !== null) yield record;
  }

  // --- the file

  #loadMembers(): void {
    for (const row of this.#statements.members.all() as unknown as MemberRow[]) {
      const { id, host, port, state, session, cursor, offline_since: offlineSince } = row;
      const address = { host, port };
      this.#members.set(id, { id, address, state, session, cursor, offlineSince });
    }
  }

  #loadMessages(): void {
    const bounds = boundsOf(this.#db, "seq", "messages");
    if (bounds === null) return;
    this.#firstSeq = bounds.first;
    this.#lastSeq = bounds.last;
    this.#lastAt = (this.#statements.time.get(bounds.last) as { at: number }).at;
  }

  #loadAnswers(): void {
    const bounds = boundsOf(this.#db, "n", "answers");
    if (bounds === null) return;
    this.#firstAnswer = bounds.first;
    this.#lastAnswer = bounds.last;
    // Row by row, it would take some seconds for a million.
    const select = this.#db.prepare(
      "SELECT json_group_array(request) AS requests FROM " +
        "(SELECT request FROM answers WHERE n >= ? AND n < ? ORDER BY n)",
    );
    for (let from = bounds.first; from <= bounds.last; from += ANSWERS_LOADED) {
      const { requests } = select.get(from, from + ANSWERS_LOADED) as { requests: string };
      let n = from;
      for (const request of JSON.parse(requests) as string[]) this.#index.add(n++, request);
    }
  }

  #insert(messages: readonly Message[], answers: readonly Answer[]): void {
    const rows: Value[] = [];
    for (const { seq, at, sender, payload } of messages) rows.push(seq, at, sender, payload);
    this.#statements.insertMessages.run(rows);
    const answered: Value[] = [];
    let n = this.#lastAnswer;
    for (const { at, request, seq } of answers) answered.push(++n, at, request, seq);
    this.#statements.insertAnswers.run(answered);
  }

  #write(id: MemberId, record: MemberRecord | null): void {
    if (record === null) {
      this.#statements.removeMember.run(id);
      return;
    }
    const { address: { host, port }, state, session, cursor, offlineSince } = record;
    this.#statements.saveMember.run(id, host, port, state, session, cursor, offlineSince);
  }

  /** What is to be deleted: at most so many rows of each table. */
  #excess(maxRows: number): Excess {
    const seq = Math.min(this.#prunable, this.#lastSeq - 1, this.#firstSeq + maxRows - 1);
    return { seq, answer: this.#excessAnswers(maxRows) };
  }

  /** Answers are forgotten when they are old enough, or too many; the latest stays, as with
   * messages. */
  #excessAnswers(maxRows: number): number {
    const end = Math.min(this.#lastAnswer, this.#firstAnswer + maxRows);
    const tooMany = Math.min(this.#lastAnswer - this.#answersKept, end - 1);
    if (this.#answersBefore === 0) return tooMany;
    const row = this.#statements.firstAnswer.get(
      this.#firstAnswer,
      end,
      this.#answersBefore,
    ) as { n: number } | undefined;
    return Math.max(tooMany, (row?.n ?? end) - 1);
  }

  #delete({ seq, answer }: Excess): void {
    if (seq >= this.#firstSeq) this.#statements.deleteMessages.run(seq);
    if (answer >= this.#firstAnswer) this.#statements.deleteAnswers.run(answer);
  }

  #forget({ seq, answer }: Excess): void {
    this.#firstSeq = Math.max(this.#firstSeq, seq + 1);
    this.#firstAnswer = Math.max(this.#firstAnswer, answer + 1);
  }

  /** Shortens the file by a step if it is large and mostly empty. Returns whether it still is. */
  #giveBack(): boolean {
    const { empty, whole } = this.#statements.space.get() as { empty: number; whole: number };
    if (empty < EMPTY_PAGES_MAX || empty < whole / 2) return false;
    this.#look(() => this.#db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`));
    return true;
  }

  #transact(write: () => void): void {
    try {
      this.#statements.begin.run();
      write();
      this.#statements.commit.run();
      this.#failure = null;
    } catch (error) {
      try {
        this.#db.exec("ROLLBACK");
      } catch {
        // SQLite has rolled it back by itself, as it does when the disk is full.
      }
      const described = storeError(error, this.#path);
      this.#failure = described.message;
      throw described;
    }
  }
}

/** Throws everything away; the store has another name from now on. */
function empty(db: DatabaseSync): void {
  db.exec("BEGIN; DELETE FROM messages; DELETE FROM answers; DELETE FROM members");
  db.prepare("UPDATE store SET id = ?").run(crypto.randomUUID());
  db.exec("COMMIT");
}

interface MemberRow extends Pick<MemberRecord, "id" | "state" | "session" | "cursor"> {
  readonly host: string;
  readonly port: number;
  readonly offline_since: number | null;
}
