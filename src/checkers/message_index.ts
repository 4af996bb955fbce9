/**
 * A run, prepared for the checkers: its messages numbered, its delivery logs as arrays of them.
 *
 * Every checker would otherwise look up the same million messages by name. A checker builds the
 * index itself when none is given; `judge` builds one for all.
 *
 * **Three kinds of journals.** That of a *complete* process says all that happened there: what it
 * does not say did not happen. That of an *incomplete* one (crashed, hung, cut short) is a true
 * beginning: what it says counts, and in that order without holes, but more may have happened
 * afterwards. A *damaged* one (lines that could not be read) may have holes too: only what it says
 * counts.
 *
 * **Duplicates.** Delivering twice breaks integrity and nothing else: all other checkers look at a
 * process's first delivery of a message. (Prefix and the rounds compare whole logs.)
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import type { JournalColumns } from "../history/journal.ts";
import type { Run } from "../history/run.ts";
import { MessageNumbers } from "./message_numbers.ts";
import type { Sighting } from "./verdict.ts";

const MULTICAST = 0;
const DELIVER = 2;

/** One process's journal, in message numbers. */
export interface DeliveryLog {
  readonly process: ProcessId;
  /** What the journal does not say did not happen. */
  readonly complete: boolean;
  /** The journal may have holes. A damaged journal is never complete. */
  readonly damaged: boolean;
  /** The journal itself. */
  readonly columns: JournalColumns;
  /** What it delivered, in order, duplicates included. */
  readonly messages: Int32Array;
  /** The journal's event of each delivery. */
  readonly events: Int32Array;
  /** What it delivered, in order, each message once. */
  readonly firsts: Int32Array;
  /** First deliveries (m) and first multicasts (~m), in the order in which they happened. */
  readonly deeds: Int32Array;
}

/** The messages and delivery logs of one run. Make it with {@linkcode indexMessages}. */
export class MessageIndex {
  readonly run: Run;
  /** The journals there are, by process number. */
  readonly logs: readonly DeliveryLog[];
  /** Upper bound of the message numbers. */
  readonly size: number;
  /** Message number to the sender's event that multicast it; -1 where no journal says so. */
  readonly multicastEvents: Int32Array;
  /** Whether any journal has a multicast event: logs from elsewhere may note deliveries only. */
  readonly multicastsNoted: boolean;
  readonly #numbers: MessageNumbers;
  readonly #senders: Uint32Array;
  readonly #seqs: Uint32Array;
  readonly #logOf: ReadonlyMap<ProcessId, DeliveryLog>;
  /** All -1 but for the messages of `#positioned`. */
  #positions: Int32Array | null = null;
  #positioned: DeliveryLog | null = null;

  constructor(run: Run, damaged: ReadonlySet<ProcessId>) {
    this.run = run;
    const journals = [...run.journals].sort(([a], [b]) => a - b)
      .map(([process, journal]) => ({ process, columns: journal.columns() }));
    this.#numbers = numberMessages(journals);
    this.logs = journals.map(({ process, columns }) => ({
      process,
      columns,
      complete: !run.incomplete.has(process) && !damaged.has(process),
      damaged: damaged.has(process),
      ...readDeeds(process, columns, this.#numbers),
    }));
    this.#logOf = new Map(this.logs.map((log) => [log.process, log]));
    this.size = this.#numbers.size;
    const { senders, seqs } = this.#numbers.names();
    this.#senders = senders;
    this.#seqs = seqs;
    this.multicastEvents = findMulticasts(journals, this.#numbers);
    this.multicastsNoted = this.multicastEvents.some((event) => event >= 0);
  }

  /** Who multicast message m. */
  senderOf(m: number): ProcessId {
    return this.#senders[m]!;
  }

  /** The sender's messages are counted from 1. */
  seqOf(m: number): number {
    return this.#seqs[m]!;
  }

  /** How reports name message m: "0:17". */
  nameOf(m: number): string {
    return `${this.#senders[m]}:${this.#seqs[m]}`;
  }

  /** The number of a message that was multicast or delivered; -1 if it was neither. */
  find(sender: ProcessId, seq: number): number {
    return this.#numbers.find(sender, seq);
  }

  /** The journal of a process, if it left one. */
  logOf(process: ProcessId): DeliveryLog | undefined {
    return this.#logOf.get(process);
  }

  /** The first process that left no journal. */
  withoutJournal(): ProcessId | undefined {
    for (let process = 0; process < this.run.processes; process++) {
      if (!this.#logOf.has(process)) return process;
    }
    return undefined;
  }

  /** Whether m was certainly never multicast: its sender's journal is complete and silent, or no
   * such process belongs to the group. */
  neverMulticast(m: number): boolean {
    if (!this.multicastsNoted || this.multicastEvents[m]! >= 0) return false;
    const sender = this.senderOf(m);
    const log = this.#logOf.get(sender);
    return log === undefined ? sender >= this.run.processes : log.complete;
  }

  /**
   * Message number to position in `log.firsts`, -1 where it was not delivered.
   *
   * The array is reused: it is right until the next call for another log.
   */
  positionsIn(log: DeliveryLog): Int32Array {
    const positions = this.#positions ??= new Int32Array(this.size).fill(-1);
    if (this.#positioned === log) return positions;
    if (this.#positioned !== null) {
      for (const m of this.#positioned.firsts) positions[m] = -1;
    }
    const { firsts } = log;
    for (let i = 0; i < firsts.length; i++) positions[firsts[i]!] = i;
    this.#positioned = log;
    return positions;
  }

  /** Where a process first delivered message m, for a witness. */
  sight(log: DeliveryLog, m: number): Sighting {
    return { process: log.process, position: log.messages.indexOf(m), message: this.nameOf(m) };
  }
}

/**
 * Prepares a run for the checkers.
 *
 * @param damaged The processes whose journals may have holes.
 */
export function indexMessages(
  run: Run,
  damaged: ReadonlySet<ProcessId> = new Set(),
): MessageIndex {
  return new MessageIndex(run, damaged);
}

interface NumberedJournal {
  process: ProcessId;
  columns: JournalColumns;
}

function numberMessages(journals: readonly NumberedJournal[]): MessageNumbers {
  const numbers = new MessageNumbers();
  for (const { process, columns: { kind, sender, seq } } of journals) {
    for (let i = 0; i < kind.length; i++) {
      if (kind[i] === DELIVER) numbers.survey(sender[i]!, seq[i]!);
      else if (kind[i] === MULTICAST) numbers.survey(process, seq[i]!);
    }
  }
  numbers.layOut();
  for (const { process, columns: { kind, sender, seq } } of journals) {
    for (let i = 0; i < kind.length; i++) {
      if (kind[i] === DELIVER) numbers.add(sender[i]!, seq[i]!);
      else if (kind[i] === MULTICAST) numbers.add(process, seq[i]!);
    }
  }
  return numbers;
}

function findMulticasts(
  journals: readonly NumberedJournal[],
  numbers: MessageNumbers,
): Int32Array {
  const events = new Int32Array(numbers.size).fill(-1);
  for (const { process, columns: { kind, seq } } of journals) {
    for (let i = 0; i < kind.length; i++) {
      if (kind[i] !== MULTICAST) continue;
      const m = numbers.find(process, seq[i]!);
      if (events[m] === -1) events[m] = i;
    }
  }
  return events;
}

const DELIVERED_BIT = 1;
const MULTICAST_BIT = 2;

function readDeeds(
  process: ProcessId,
  { kind, sender, seq }: JournalColumns,
  numbers: MessageNumbers,
): Pick<DeliveryLog, "messages" | "events" | "firsts" | "deeds"> {
  const seen = new Uint8Array(numbers.size);
  const messages = new Int32Array(kind.length);
  const events = new Int32Array(kind.length);
  // Null until something comes twice: before, all deliveries are first ones.
  let firsts: Int32Array | null = null;
  const deeds = new Int32Array(kind.length);
  let deliveries = 0;
  let firstDeliveries = 0;
  let done = 0;
  for (let i = 0; i < kind.length; i++) {
    if (kind[i] === DELIVER) {
      const m = numbers.find(sender[i]!, seq[i]!);
      messages[deliveries] = m;
      events[deliveries++] = i;
      if ((seen[m]! & DELIVERED_BIT) !== 0) {
        firsts ??= messages.slice();
        continue;
      }
      seen[m]! |= DELIVERED_BIT;
      if (firsts !== null) firsts[firstDeliveries] = m;
      firstDeliveries++;
      deeds[done++] = m;
    } else if (kind[i] === MULTICAST) {
      const m = numbers.find(process, seq[i]!);
      if ((seen[m]! & MULTICAST_BIT) !== 0) continue;
      seen[m]! |= MULTICAST_BIT;
      deeds[done++] = ~m;
    }
  }
  // Views, not copies: what was never written to takes no memory, and a copy takes it twice.
  return {
    messages: messages.subarray(0, deliveries),
    events: events.subarray(0, deliveries),
    firsts: (firsts ?? messages).subarray(0, firstDeliveries),
    deeds: deeds.subarray(0, done),
  };
}
