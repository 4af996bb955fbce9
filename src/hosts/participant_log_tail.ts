/**
 * What a participant's log says at its end: where to go on.
 *
 * It is read backwards, up to the last remark that names the store, so that long logs open quickly.
 *
 * @module
 */

import type { LogState } from "../protocols/persistent/participant.ts";
import type { MemberId } from "../protocols/persistent/messages.ts";
import { parseRemarkLine } from "./participant_log_line.ts";

/** A file that can be read at any place. */
export interface SeekableFile {
  /** Where the next read begins. */
  seek(offset: number, whence: Deno.SeekMode): Promise<number>;
  /** Reads some bytes; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** The end of a log. */
export interface LogTail {
  /** Whose log it is; null if it is new. */
  readonly id: MemberId | null;
  readonly state: LogState;
  /** Bytes of whole lines; what is behind them was torn off by a crash. */
  readonly length: number;
}

const CHUNK_BYTES = 64 * 1024;

/** What is looked at of a line: a number, or a remark with a store and an ID. */
const HEAD_BYTES = 400;

/** What a crash of the machine can leave unwritten: all that was not yet acknowledged, escaped. */
const UNSAFE_BYTES = 5 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Reads the end of a log of `size` bytes. Nothing is changed.
 *
 * @throws {SyntaxError} in a few words if this isn't the log of a participant.
 */
export async function readLogTail(file: SeekableFile, size: number): Promise<LogTail> {
  const length = await endOfWholeLines(file, size);
  let lastSeq: number | null = null;
  let isMember = true;
  for await (const head of headsBackwards(file, length)) {
    const [, digits] = /^(\d{1,15})\t/.exec(head) ?? [];
    if (digits !== undefined) {
      lastSeq ??= Number(digits);
      continue;
    }
    if (!head.startsWith("#")) throw foreign();
    const remark = parseRemarkLine(head);
    if (remark?.type === "deregistered") isMember = false;
    if (remark?.type !== "store") continue;
    const { id, store, after } = remark;
    return { id, length, state: { store, logged: Math.max(after, lastSeq ?? 0), isMember } };
  }
  if (lastSeq !== null) throw foreign();
  await refuseForeignRest(file, length, size);
  return { id: null, length, state: { store: null, logged: 0, isMember: false } };
}

function foreign(): SyntaxError {
  return new SyntaxError("it has other content than the log of a participant");
}

/** Where the last whole line ends. A crash of the machine may also have left zeros in the place of
 * what was not yet on disk; no line has any. */
async function endOfWholeLines(file: SeekableFile, size: number): Promise<number> {
  const from = Math.max(0, size - UNSAFE_BYTES);
  const bytes = await readRange(file, from, size);
  const hole = bytes.indexOf(0);
  const sound = hole < 0 ? bytes : bytes.subarray(0, hole);
  const end = sound.lastIndexOf(NEWLINE) + 1;
  if (end > 0 || from === 0) return from + end;
  throw foreign(); // No line is so long.
}

/** Nothing is cut off that can't have been begun by us. */
async function refuseForeignRest(file: SeekableFile, length: number, size: number) {
  if (size - length > HEAD_BYTES) throw foreign();
  const rest = await readRange(file, length, size);
  const text = new TextDecoder().decode(rest).replace(/\0+$/, "");
  const start = "# store ";
  if (!text.startsWith(start.slice(0, text.length)) || text.includes("\n")) throw foreign();
}

/** The beginnings of all lines before `end`, the last one first. */
async function* headsBackwards(file: SeekableFile, end: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** What follows the chunk: as much as may belong to the head of its last line. */
  let after = new Uint8Array(0);
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const chunk = await readRange(file, from, to);
    const known = new Uint8Array(chunk.length + after.length);
    known.set(chunk);
    known.set(after, chunk.length);
    // A line begins behind the break of the one before, and the first one at the file's beginning.
    for (let at = chunk.length - 1; at >= (from === 0 ? -1 : 0); at--) {
      if (at >= 0) at = chunk.lastIndexOf(NEWLINE, at);
      if (at < 0 && from > 0) break;
      if (from + at + 1 < end) yield decoder.decode(headAt(known, at + 1));
    }
    after = known.slice(0, HEAD_BYTES);
    to = from;
  }
}

function headAt(known: Uint8Array, start: number): Uint8Array {
  const head = known.subarray(start, start + HEAD_BYTES);
  const end = head.indexOf(NEWLINE);
  return end < 0 ? head : head.subarray(0, end);
}

async function readRange(file: SeekableFile, from: number, to: number) {
  const bytes = new Uint8Array(Math.max(0, to - from));
  await file.seek(from, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) return bytes.subarray(0, at); // It became shorter under our hands.
    at += read;
  }
  return bytes;
}
