/**
 * A journal as it travels from a peer to the comparison server: its columns cut into `log` messages
 * of at most {@linkcode MAX_LOG_EVENTS} events, some 240 kB each.
 *
 * The columns are sent as they lie in memory, which is little-endian on every machine that Deno runs
 * on: a million events are encoded and decoded without an object for each.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { type Log, MAX_LOG_EVENTS, MAX_PAYLOAD_BYTES } from "./control_messages.ts";

/** What is read of a journal; history's `Journal` fits. */
export interface ColumnSource {
  /** One array a column, all of the same length. */
  columns(): {
    readonly kind: Uint8Array;
    readonly sender: Uint32Array;
    readonly seq: Uint32Array;
    readonly time: Float64Array;
    readonly at: Float64Array;
    readonly size: Int32Array;
  };
}

/** What is written to; history's `Journal` fits. */
export interface EventSink {
  /** Whose events they are. */
  readonly process: ProcessId;
  /** How many events there are. */
  readonly length: number;
  /** Appends an event. */
  append(
    kind: number,
    sender: ProcessId,
    seq: number,
    time: number,
    at: number,
    sizeBytes: number,
  ): void;
}

/** What a journal may hold. */
export interface JournalLimits {
  /** How many processes the group has: senders are below it. */
  readonly processes: number;
  /** The most events that are accepted, so that a peer can't fill our memory. */
  readonly maxEvents: number;
}

/** The journal in chunks, the earliest events first. They are views on the journal's memory: append
 * nothing while they are in use. */
export function* journalChunks(journal: ColumnSource): Generator<Log> {
  const { kind, sender, seq, time, at, size } = journal.columns();
  for (let from = 0; from < kind.length; from += MAX_LOG_EVENTS) {
    const to = Math.min(from + MAX_LOG_EVENTS, kind.length);
    yield {
      type: "log",
      kind: kind.subarray(from, to),
      sender: bytesOf(sender.subarray(from, to)),
      seq: bytesOf(seq.subarray(from, to)),
      time: bytesOf(time.subarray(from, to)),
      at: bytesOf(at.subarray(from, to)),
      size: bytesOf(size.subarray(from, to)),
    };
  }
}

/**
 * Appends a chunk that came from the wire. Either all its events are appended or none.
 *
 * @throws {TypeError} naming the column and the event that is wrong.
 */
export function appendChunk(journal: EventSink, chunk: Log, limits: JournalLimits): void {
  const { kind } = chunk;
  if (journal.length + kind.length > limits.maxEvents) {
    throw new TypeError(`A log must not have more than ${limits.maxEvents} events`);
  }
  const sender = new Uint32Array(column(chunk, "sender", 4));
  const seq = new Uint32Array(column(chunk, "seq", 4));
  const time = new Float64Array(column(chunk, "time", 8));
  const at = new Float64Array(column(chunk, "at", 8));
  const size = new Int32Array(column(chunk, "size", 4));

  for (let i = 0; i < kind.length; i++) {
    if (kind[i]! > 2) throw wrong("kind", i, "0, 1 or 2");
    if (sender[i]! >= limits.processes) throw wrong("sender", i, `below ${limits.processes}`);
    if (kind[i] === 0 && sender[i] !== journal.process) {
      throw wrong("sender", i, `${journal.process}: the process itself multicast`);
    }
    if (seq[i] === 0) throw wrong("seq", i, "counted from 1");
    if (!isClock(time[i]!)) throw wrong("time", i, "a logical time from 0 to 2^53 - 1, or NaN");
    if (!isTime(at[i]!)) throw wrong("at", i, "milliseconds since the epoch, or NaN");
    if (size[i]! < -1 || size[i]! > MAX_PAYLOAD_BYTES) {
      throw wrong("size", i, `from -1 to ${MAX_PAYLOAD_BYTES}`);
    }
  }
  for (let i = 0; i < kind.length; i++) {
    journal.append(kind[i]!, sender[i]!, seq[i]!, time[i]!, at[i]!, size[i]!);
  }
}

function bytesOf(column: Uint32Array | Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

/** A copy of the column's bytes, which a typed array can be laid over: in the message they lie at
 * any offset. */
function column(chunk: Log, name: "sender" | "seq" | "time" | "at" | "size", width: number) {
  const bytes = chunk[name];
  if (bytes.length !== chunk.kind.length * width) {
    throw new TypeError(
      `Column ${name} has ${bytes.length} bytes, ${chunk.kind.length} events need ` +
        `${chunk.kind.length * width}`,
    );
  }
  return new Uint8Array(bytes).buffer;
}

function isClock(time: number): boolean {
  return Number.isNaN(time) || (Number.isSafeInteger(time) && time >= 0);
}

function isTime(at: number): boolean {
  // A year has 3e10 ms: the bound is far beyond every clock, and keeps sums of times exact enough.
  return Number.isNaN(at) || (at >= 0 && at <= Number.MAX_SAFE_INTEGER);
}

function wrong(column: string, event: number, expected: string): TypeError {
  return new TypeError(`Column ${column} of event ${event} must be ${expected}`);
}
