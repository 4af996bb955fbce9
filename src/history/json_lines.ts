/**
 * A journal as JSON lines, one event a line, and back.
 *
 * ```json
 * {"event":"multicast","process":0,"seq":1,"time":12,"at":1732100000123.4,"size":100}
 * {"event":"receive","process":1,"sender":0,"seq":1,"time":13,"at":1732100000163.9}
 * {"event":"deliver","process":1,"sender":0,"seq":1,"time":17,"at":1732100000184}
 * ```
 *
 * What is unknown is left out: `time` where there is no clock, `at`, `size`.
 *
 * Reading accepts lines from any source. Blank lines are skipped, events of other kinds counted.
 * A line that can't be read is reported and skipped, and the rest is read; from then on the
 * journal may have holes.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { type EventKind, Journal } from "./journal.ts";
import { readLines } from "./lines.ts";

/** Process numbers lie below this: a damaged digit must not make a group of four billion. */
export const MAX_PROCESSES = 65_536;
/** Sequence numbers and sizes in bytes, as a journal's columns hold them. */
const MAX_SEQ = 2 ** 32 - 1;
const MAX_SIZE_BYTES = 2 ** 31 - 1;
/** Of the lines of a file that can't be read, this many are kept; the others are only counted. */
export const MAX_PROBLEMS = 100;

const CHUNK_LENGTH = 65_536;

/** Something in a file that could not be read. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 0 where it is about the file as a whole. */
  readonly line: number;
  /** In sentence case, without a full stop. */
  readonly reason: string;
}

/** What a file of JSON lines held. */
export interface ParsedJournal {
  /** The journal of the process that the first event names, or that the caller named; null where
   * neither says whose it is. */
  readonly journal: Journal | null;
  /** Journals of further processes, whose events are in the same file. */
  readonly others: readonly Journal[];
  /** The first lines that could not be read. */
  readonly problems: readonly Problem[];
  /** How many lines could not be read. */
  readonly unreadable: number;
  /** How many events were of other kinds, and ignored. */
  readonly ignored: number;
}

/** Writes a journal, in chunks of many lines. */
export function* formatJournal(journal: Journal): Generator<string> {
  let chunk = "";
  for (let i = 0; i < journal.length; i++) {
    chunk += formatEvent(journal, i);
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

function formatEvent(journal: Journal, i: number): string {
  const kind = journal.kindAt(i);
  const sender = kind === "multicast" ? "" : `,"sender":${journal.senderAt(i)}`;
  const time = formatOptional("time", journal.timeAt(i));
  const at = formatOptional("at", journal.atAt(i));
  const size = journal.sizeAt(i) < 0 ? "" : `,"size":${journal.sizeAt(i)}`;
  return `{"event":"${kind}","process":${journal.process}${sender},"seq":${journal.seqAt(i)}` +
    `${time}${at}${size}}\n`;
}

/** JSON has no NaN and no infinity: such values are unknown, and left out. */
function formatOptional(name: string, value: number): string {
  return Number.isFinite(value) ? `,"${name}":${value}` : "";
}

/**
 * Reads a journal from the bytes of a file.
 *
 * An event belongs to the process that it names, otherwise to that of the first event that names
 * one, otherwise to `process`. So a file may hold the events of one process or of all.
 *
 * @param file What problems call the file.
 * @param process Whose journal it is where the events do not say.
 */
export async function parseJournal(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  process?: ProcessId,
): Promise<ParsedJournal> {
  let journal: Journal | null = null;
  const others = new Map<ProcessId, Journal>();
  const problems: Problem[] = [];
  let [line, unreadable, ignored] = [0, 0, 0];
  for await (const batch of readLines(bytes)) {
    for (const text of batch) {
      line++;
      if (text !== null && text.trim() === "") continue;
      const event: JournalEvent | null | string = text === null
        ? "Too long for an event"
        : readEvent(text, journal, process);
      if (typeof event === "string") {
        unreadable++;
        if (problems.length < MAX_PROBLEMS) problems.push({ file, line, reason: event });
      } else if (event === null) {
        ignored++;
      } else {
        journal ??= new Journal(event.process);
        let own = event.process === journal.process ? journal : others.get(event.process);
        if (own === undefined) others.set(event.process, own = new Journal(event.process));
        append(own, event);
      }
    }
  }
  if (journal === null && process !== undefined) journal = new Journal(process);
  return { journal, others: [...others.values()], problems, unreadable, ignored };
}

interface JournalEvent {
  kind: number;
  process: ProcessId;
  sender: ProcessId;
  seq: number;
  time: number;
  at: number;
  size: number;
}

function append(journal: Journal, { kind, sender, seq, time, at, size }: JournalEvent): void {
  journal.append(kind, sender, seq, time, at, size);
}

const KIND_NUMBERS = new Map<unknown, number>(
  (["multicast", "receive", "deliver"] satisfies EventKind[]).map((kind, i) => [kind, i]),
);

/** Reads one line: the event, null for one of another kind, or why it can't be read. */
function readEvent(
  text: string,
  journal: Journal | null,
  fallback: ProcessId | undefined,
): JournalEvent | null | string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text);
  } catch {
    return "Not JSON";
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    return "Not a JSON object";
  }
  if (typeof fields.event !== "string") return `"event" is ${show(fields.event)}, not a string`;
  const kind = KIND_NUMBERS.get(fields.event);
  if (kind === undefined) return null;
  const process = fields.process ?? journal?.process ?? fallback;
  const sender = kind === 0 ? fields.sender ?? process : fields.sender;
  const { seq, time, at, size } = fields;
  if (process === undefined) return `"process" is missing, and the file's name is no number`;
  if (!isWhole(process, 0, MAX_PROCESSES - 1)) {
    return refuse("process", process, 0, MAX_PROCESSES - 1);
  }
  if (!isWhole(sender, 0, MAX_PROCESSES - 1)) return refuse("sender", sender, 0, MAX_PROCESSES - 1);
  if (!isWhole(seq, 1, MAX_SEQ)) return refuse("seq", seq, 1, MAX_SEQ);
  if (!isAbsent(time) && !isWhole(time, 0, Number.MAX_SAFE_INTEGER)) {
    return refuse("time", time, 0, Number.MAX_SAFE_INTEGER);
  }
  if (!isAbsent(size) && !isWhole(size, 0, MAX_SIZE_BYTES)) {
    return refuse("size", size, 0, MAX_SIZE_BYTES);
  }
  if (!isAbsent(at) && !(typeof at === "number" && at >= 0 && at < Infinity)) {
    return `"at" is ${show(at)}, not a number from 0`;
  }
  if (kind === 0 && sender !== process) return `A multicast of process ${process} by ${sender}`;
  return {
    kind,
    process,
    sender,
    seq,
    time: isAbsent(time) ? NaN : time,
    at: isAbsent(at) ? NaN : at,
    size: isAbsent(size) ? -1 : size,
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null; // JSON.stringify writes null for NaN.
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function refuse(name: string, value: unknown, least: number, most: number): string {
  return value === undefined
    ? `"${name}" is missing`
    : `"${name}" is ${show(value)}, not a whole number from ${least} to ${most}`;
}

const SHOWN_LENGTH = 40;

/** A value from a file, fit for a terminal: short, and without control characters. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = (typeof value === "number" ? String(value) : JSON.stringify(value)).replaceAll(
    /[^\x20-\x7e]/g,
    "?",
  );
  return text.length > SHOWN_LENGTH ? text.slice(0, SHOWN_LENGTH - 3) + "..." : text;
}
