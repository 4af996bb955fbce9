/**
 * A participant's log: a file to which messages are appended, each on a line, and put on disk before
 * they are acknowledged.
 *
 * What comes while a batch is being written is the next batch. A write that fails is repeated until
 * it succeeds: until then nothing is acknowledged, and the coordinator keeps the messages.
 *
 * @module
 */

import type { MemberId, Message } from "../protocols/persistent/messages.ts";
import type { LogState } from "../protocols/persistent/participant.ts";
import { fileReason } from "./file_reason.ts";
import { LineBuffer } from "./line_buffer.ts";
import { formatRemarkLine, MessageLineWriter, type Remark } from "./participant_log_line.ts";
import { type LogTail, readLogTail } from "./participant_log_tail.ts";

/** How long to wait after a failed write, in milliseconds. */
const RETRY_MS = 1000;

/** What a log tells of. */
export interface LogEvents {
  /** These messages are on disk. They are not current if the log has begun with another store since:
   * then their numbers mean nothing any more. */
  readonly onLogged: (messages: readonly Message[], isCurrent: boolean) => void;
  /** It can't be written now, and will be tried again; a sentence without its end. */
  readonly onTrouble: (reason: string) => void;
}

/** Between the beginnings of two writes there is so much time at least, in milliseconds: what comes
 * alone is written at once, and where messages keep coming, fewer and larger writes leave the disk to
 * others. */
const WRITE_PAUSE_MS = 10;

/** What is told of once the lines are on disk that one write takes to the file. */
interface Batch {
  /** Of the store before, if the log begins with another one in this batch. */
  before: Message[];
  messages: Message[];
  /** The one that `messages` came from. */
  store: string | null;
  readonly written: PromiseWithResolvers<void>;
}

/** A log that is open. No other process can open it meanwhile. */
export class ParticipantLog {
  readonly #path: string;
  readonly #id: MemberId;
  readonly #file: Deno.FsFile;
  #endPause: () => void = () => {};
  /** What it says, with all that was appended, on disk or not. */
  #state: LogState;
  /** Bytes that are on disk. */
  #length: number;
  readonly #lines = new LineBuffer();
  readonly #messageLines = new MessageLineWriter(this.#lines);
  /** To go with the lines. */
  #next: Batch = emptyBatch();
  #writing: Promise<void> | null = null;
  /** The next write doesn't begin before. */
  #writeAt = -Infinity;
  #events: LogEvents | null = null;
  #isClosed = false;
  #isInTrouble = false;

  /** Bytes of a last line that a crash had torn, and that were cut off. */
  readonly repairedBytes: number;

  /**
   * Opens the log of a member, or makes a new one.
   *
   * @throws {Error} in one line that names the file, if it can't be written, another process has it,
   * or it is something else.
   */
  static async open(path: string, id: MemberId): Promise<ParticipantLog> {
    const file = await openFile(path);
    try {
      const { size, tail } = await takeOver(file, path, id);
      await file.truncate(tail.length);
      if (size === 0) await syncFolder(path);
      return new ParticipantLog(path, id, file, tail, size - tail.length);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  private constructor(
    path: string,
    id: MemberId,
    file: Deno.FsFile,
    { state, length }: LogTail,
    repairedBytes: number,
  ) {
    this.#path = path;
    this.#id = id;
    this.#file = file;
    this.#state = state;
    this.#length = length;
    this.repairedBytes = repairedBytes;
  }

  /** What it says, with all that was appended, on disk or not. */
  get state(): LogState {
    return this.#state;
  }

  /** Says who is to hear of what happens. */
  follow(events: LogEvents): void {
    this.#events = events;
  }

  /** It is a member, and messages of this store above `after` will come. Nothing is written if the
   * log says so already. */
  begin(store: string, after: number): void {
    const { isMember, store: known, logged } = this.#state;
    if (isMember && known === store) return;
    const position = known === store ? Math.max(logged, after) : after;
    this.#state = { store, logged: position, isMember: true };
    if (known !== store) {
      this.#next.before.push(...this.#next.messages);
      this.#next.messages = [];
    }
    this.#remark({ type: "store", store, after: position, id: this.#id });
  }

  /** It is no member any more. */
  end(): void {
    if (!this.#state.isMember) return;
    this.#state = { ...this.#state, isMember: false };
    this.#remark({ type: "deregistered" });
  }

  /** Appends messages, of which the log has none yet. */
  append(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#messageLines.write(message);
      this.#next.messages.push(message);
    }
    this.#next.store = this.#state.store;
    const last = messages.at(-1);
    if (last !== undefined) this.#state = { ...this.#state, logged: last.seq };
    this.#writing ??= this.#write();
  }

  /** Resolves when all that was appended so far is on disk, or the log is closed. */
  async flush(): Promise<void> {
    if (this.#writing !== null) await this.#next.written.promise;
  }

  /** Writes what waits, unless that is impossible just now, and lets others have the file. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endPause();
    await this.#writing;
    this.#file.close();
  }

  #remark(remark: Remark): void {
    this.#lines.text(formatRemarkLine(remark));
    this.#writing ??= this.#write();
  }

  /** Writes batch after batch. Who waits for the next one waits for the one under way too. */
  async #write(): Promise<void> {
    // What is appended in this turn is written together.
    await Promise.resolve();
    while (!this.#lines.isEmpty) {
      const waitMs = this.#writeAt - performance.now();
      if (waitMs > 0) await this.#pause(waitMs);
      const batch = this.#next;
      this.#next = emptyBatch();
      this.#writeAt = performance.now() + WRITE_PAUSE_MS;
      const isWritten = await this.#writeBatch(this.#lines.take());
      if (isWritten) this.#tell(batch);
      batch.written.resolve();
    }
    this.#next.written.resolve();
    this.#next = emptyBatch();
    this.#writing = null;
  }

  #tell({ before, messages, store }: Batch): void {
    if (before.length > 0) this.#events?.onLogged(before, false);
    if (messages.length > 0) this.#events?.onLogged(messages, store === this.#state.store);
  }

  /** Tries until it succeeds, or the log is closed. */
  async #writeBatch(bytes: Uint8Array): Promise<boolean> {
    do {
      try {
        for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
        await this.#file.syncData();
        this.#length += bytes.length;
        this.#isInTrouble = false;
        return true;
      } catch (error) {
        this.#complain(error);
        await this.#undo();
        await this.#pause(RETRY_MS);
      }
    } while (!this.#isClosed);
    return false;
  }

  /** Removes what a failed write has left, so that the next one begins on a line of its own. */
  async #undo(): Promise<void> {
    try {
      if ((await this.#file.stat()).size > this.#length) await this.#file.truncate(this.#length);
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#events?.onTrouble(
      `Cannot write ${this.#path}: ${fileReason(error)}; the coordinator keeps the messages`,
    );
  }

  /** Waits, but not beyond the closing. */
  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function emptyBatch(): Batch {
  return { before: [], messages: [], store: null, written: Promise.withResolvers() };
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true, append: true, create: true });
  } catch (error) {
    throw new Error(`Cannot write ${path}: ${fileReason(error)}`);
  }
}

/** Takes the file for this process alone, and reads its end.
 *
 * @throws {Error} naming the file, if it can't be used. */
async function takeOver(file: Deno.FsFile, path: string, id: MemberId) {
  const { size, isFile } = await file.stat();
  const refuse = (reason: string) => new Error(`Cannot use ${path}: ${reason}`);
  if (!isFile) throw refuse("it is not a regular file");
  if (!await file.tryLock(true)) throw refuse("another process writes to it");
  const tail = await readLogTail(file, size).catch((error) => {
    throw refuse(error instanceof SyntaxError ? error.message : fileReason(error));
  });
  if (tail.id === null || tail.id === id) return { size, tail };
  throw refuse(`it is the log of ${tail.id}, not of ${id}`);
}

/** A new file is there after a crash of the machine only if its folder is on disk too. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(path.replace(/[^/\\]*$/, "") || ".");
    await folder.sync();
  } catch {
    // Some systems can't open folders, and have no need to.
  }
}
