/**
 * Small numbers for messages, so that what is known about each fits a typed array.
 *
 * A sender's messages are counted from 1 without gaps, so message `seq` of a sender is number
 * `base + seq`. A damaged log may name message 4,294,967,295: what lies far beyond the number of
 * events that were seen goes to a map, and memory stays proportional to the events.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";

/** How many numbers a sender gets in its table: at most this factor times its events ... */
const TABLE_PER_EVENT = 2;
/** ... plus this many, so that short logs with losses need no map. */
const TABLE_EXTRA = 16;
/** Senders below this are found by an array, the others by a map. */
const NEAR_SENDERS = 1024;

interface SenderTable {
  readonly sender: ProcessId;
  events: number;
  highestSeq: number;
  /** The number of this sender's message 0, which nobody multicasts. */
  base: number;
  /** Messages up to this sequence number are in the table, `base + seq`. */
  tableSeq: number;
  /** The numbers of the messages beyond the table. */
  beyond: Map<number, number> | null;
}

/**
 * Gives every message of a run a number from 0.
 *
 * Use: `survey` every event, `layOut` once, `add` every event again; then `find`, `senders` and
 * `seqs`.
 */
export class MessageNumbers {
  readonly #near: (SenderTable | undefined)[] = [];
  readonly #far = new Map<ProcessId, SenderTable>();
  readonly #tables: SenderTable[] = [];
  #size = 0;

  /** Upper bound of all numbers. Some stand for messages that no event mentions. */
  get size(): number {
    return this.#size;
  }

  /** First pass: notes that there is such a message. */
  survey(sender: ProcessId, seq: number): void {
    const table = this.#table(sender) ?? this.#open(sender);
    table.events++;
    if (seq > table.highestSeq) table.highestSeq = seq;
  }

  /** Between the passes: gives each sender its range of numbers. */
  layOut(): void {
    for (const table of this.#tables) {
      table.tableSeq = Math.min(table.highestSeq, TABLE_PER_EVENT * table.events + TABLE_EXTRA);
      table.base = this.#size;
      this.#size += table.tableSeq + 1;
    }
  }

  /** Second pass: the number of a message that was surveyed. */
  add(sender: ProcessId, seq: number): number {
    const table = this.#table(sender)!;
    if (seq <= table.tableSeq) return table.base + seq;
    table.beyond ??= new Map();
    let number = table.beyond.get(seq);
    if (number === undefined) table.beyond.set(seq, number = this.#size++);
    return number;
  }

  /** The number of a message, -1 if it has none. */
  find(sender: ProcessId, seq: number): number {
    const table = this.#table(sender);
    if (table === undefined) return -1;
    if (seq <= table.tableSeq) return table.base + seq;
    return table.beyond?.get(seq) ?? -1;
  }

  /** Who multicast message number m, and the how manieth of its messages it is. */
  names(): { senders: Uint32Array; seqs: Uint32Array } {
    const senders = new Uint32Array(this.#size);
    const seqs = new Uint32Array(this.#size);
    for (const table of this.#tables) {
      senders.fill(table.sender, table.base, table.base + table.tableSeq + 1);
      for (let seq = 0; seq <= table.tableSeq; seq++) seqs[table.base + seq] = seq;
      for (const [seq, number] of table.beyond ?? []) {
        senders[number] = table.sender;
        seqs[number] = seq;
      }
    }
    return { senders, seqs };
  }

  #table(sender: ProcessId): SenderTable | undefined {
    return sender < NEAR_SENDERS ? this.#near[sender] : this.#far.get(sender);
  }

  #open(sender: ProcessId): SenderTable {
    const table = { sender, events: 0, highestSeq: 0, base: 0, tableSeq: 0, beyond: null };
    if (sender < NEAR_SENDERS) this.#near[sender] = table;
    else this.#far.set(sender, table);
    this.#tables.push(table);
    return table;
  }
}
