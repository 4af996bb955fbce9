/**
 * What happened at one process, in the order in which it happened there.
 *
 * A journal is kept in columns of numbers: a run of 300,000 deliveries makes about a million
 * events at each process, and an object for each would cost ten times the memory.
 *
 * ```ts
 * import { Journal } from "./journal.ts";
 *
 * const journal = new Journal(1);
 * journal.multicast(1, 12, 1732100000123.4, 100);
 * journal.receive(0, 1, 13, 1732100000163.9);
 * journal.deliver(0, 1, 17, 1732100000184);
 * console.assert(journal.length === 3 && journal.kindAt(2) === "deliver");
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Recorder } from "./recorder.ts";

/** The three things that a process does with a message. */
export type EventKind = "multicast" | "receive" | "deliver";

const KINDS: readonly EventKind[] = ["multicast", "receive", "deliver"];

/** A journal as it travels: one array a column, all of the same length. */
export interface JournalColumns {
  /** 0 multicast, 1 receive, 2 deliver. */
  kind: Uint8Array;
  /** Who multicast the message: of a multicast event, the process itself. */
  sender: Uint32Array;
  /** The sender's messages are counted from 1. */
  seq: Uint32Array;
  /** The logical clock at the event; NaN where there is none. */
  time: Float64Array;
  /** Milliseconds since the epoch; NaN where unknown. */
  at: Float64Array;
  /** Payload in bytes; -1 where unknown. */
  size: Int32Array;
}

/** Room for so many events is made at once at most. Memory that is not written to costs nothing. */
const MAX_ROOM = 2 ** 23;

/** The events of one process, appended as they happen and never changed. */
export class Journal implements Recorder {
  readonly process: ProcessId;
  #length = 0;
  #columns: JournalColumns;

  constructor(process: ProcessId, columns?: JournalColumns) {
    this.process = process;
    this.#columns = columns ?? allocate(256);
    this.#length = columns?.kind.length ?? 0;
  }

  /** An empty journal with room for `events` events. It grows beyond, but that takes a copy. */
  static withRoom(process: ProcessId, events: number): Journal {
    const journal = new Journal(process);
    journal.#columns = allocate(Math.min(Math.max(events, 256), MAX_ROOM));
    return journal;
  }

  /** How many events there are. */
  get length(): number {
    return this.#length;
  }

  /** Notes that this process multicast its message `seq`. */
  multicast(seq: number, time: number, at: Millis, sizeBytes: number): void {
    this.append(0, this.process, seq, time, at, sizeBytes);
  }

  /** Notes that a message came from the wire. */
  receive(sender: ProcessId, seq: number, time: number, at: Millis): void {
    this.append(1, sender, seq, time, at, -1);
  }

  /** Notes that a message was handed to the application. */
  deliver(sender: ProcessId, seq: number, time: number, at: Millis): void {
    this.append(2, sender, seq, time, at, -1);
  }

  /** Appends an event; `kind` is 0 multicast, 1 receive, 2 deliver. */
  append(
    kind: number,
    sender: ProcessId,
    seq: number,
    time: number,
    at: Millis,
    sizeBytes: number,
  ): void {
    const i = this.#length;
    if (i === this.#columns.kind.length) this.#columns = grow(this.#columns);
    const columns = this.#columns;
    columns.kind[i] = kind;
    columns.sender[i] = sender;
    columns.seq[i] = seq;
    columns.time[i] = time;
    columns.at[i] = at;
    columns.size[i] = sizeBytes;
    this.#length = i + 1;
  }

  kindAt(i: number): EventKind {
    return KINDS[this.#columns.kind[i]!]!;
  }

  senderAt(i: number): ProcessId {
    return this.#columns.sender[i]!;
  }

  seqAt(i: number): number {
    return this.#columns.seq[i]!;
  }

  /** The logical clock at event i; NaN where there is none. */
  timeAt(i: number): number {
    return this.#columns.time[i]!;
  }

  /** When event i happened, in milliseconds since the epoch; NaN where unknown. */
  atAt(i: number): Millis {
    return this.#columns.at[i]!;
  }

  /** The payload's size in bytes; -1 where unknown. */
  sizeAt(i: number): number {
    return this.#columns.size[i]!;
  }

  /** The columns, cut to the journal's length, without a copy: append nothing while they are used. */
  columns(): JournalColumns {
    return mapColumns(this.#columns, (column) => column.subarray(0, this.#length));
  }
}

function allocate(capacity: number): JournalColumns {
  return {
    kind: new Uint8Array(capacity),
    sender: new Uint32Array(capacity),
    seq: new Uint32Array(capacity),
    time: new Float64Array(capacity),
    at: new Float64Array(capacity),
    size: new Int32Array(capacity),
  };
}

function grow(columns: JournalColumns): JournalColumns {
  const larger = allocate(columns.kind.length * 2);
  larger.kind.set(columns.kind);
  larger.sender.set(columns.sender);
  larger.seq.set(columns.seq);
  larger.time.set(columns.time);
  larger.at.set(columns.at);
  larger.size.set(columns.size);
  return larger;
}

type Column = Uint8Array | Uint32Array | Float64Array | Int32Array;

function mapColumns(
  columns: JournalColumns,
  change: <C extends Column>(column: C) => Column,
): JournalColumns {
  return {
    kind: change(columns.kind) as Uint8Array,
    sender: change(columns.sender) as Uint32Array,
    seq: change(columns.seq) as Uint32Array,
    time: change(columns.time) as Float64Array,
    at: change(columns.at) as Float64Array,
    size: change(columns.size) as Int32Array,
  };
}
