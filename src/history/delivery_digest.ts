/**
 * What can be said about a process's deliveries in an amount of memory that does not grow with
 * them: for runs that keep no journal.
 *
 * A sender's messages are counted from 1. As long as they come in sequence, counting proves all
 * there is to know about them. A bit for each of the latest {@linkcode WINDOW} numbers of a sender
 * tells what comes late from what comes again; what is further behind, and can be either, is
 * counted apart as unplaced.
 *
 * ```ts
 * import { DeliveryDigest } from "./delivery_digest.ts";
 *
 * const digest = new DeliveryDigest(0, 2);
 * digest.multicast(1);
 * digest.deliver(0, 1, NaN, 1732100000184);
 * digest.deliver(1, 2, NaN, 1732100000185); // 1:1 was skipped
 * const { senders, firstSkip } = digest.summary();
 * console.assert(senders[0]?.delivered === 1 && senders[1]?.skips === 1);
 * console.assert(firstSkip?.position === 1);
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { SequenceHash, SetHash } from "./message_hash.ts";
import type { Recorder } from "./recorder.ts";

/** So many of a sender's latest numbers are remembered one by one, 8 KiB a sender. */
export const WINDOW = 65_536;

/** A delivery that a digest remembers. */
export interface DigestSighting {
  readonly sender: ProcessId;
  readonly seq: number;
  /** Counted from 0 among the deliveries, duplicates included. */
  readonly position: number;
}

/** The deliveries of one sender's messages. */
export interface SenderSummary {
  /** All deliveries. */
  readonly delivered: number;
  /** The highest sequence number among them; 0 without any. */
  readonly highest: number;
  /** Deliveries that skipped numbers never seen before: each broke FIFO order. */
  readonly skips: number;
  /** Deliveries of what had been delivered before. */
  readonly repeated: number;
  /** Deliveries so far behind the highest that they may have come late or again. */
  readonly unplaced: number;
}

/** What a digest comes to, as it travels. */
export interface DigestSummary {
  /** How many messages the process multicast: 1 to this number. */
  readonly multicast: number;
  /** By process number. */
  readonly senders: readonly SenderSummary[];
  /** Of the deliveries without the repeated ones, in their order. */
  readonly sequenceHash: string;
  /** Of the same, whatever their order. */
  readonly setHash: string;
  /** The times of the first and the last delivery; null without any. */
  readonly firstAt: Millis | null;
  readonly lastAt: Millis | null;
  /** The first delivery that skipped numbers, the first of what had been delivered before, and the
   * first of an own message before its multicast; null where there is none. */
  readonly firstSkip: DigestSighting | null;
  readonly firstRepeat: DigestSighting | null;
  readonly firstEarly: DigestSighting | null;
}

/** Takes in the events of one process, and keeps counts of them. */
export class DeliveryDigest implements Recorder {
  readonly process: ProcessId;
  readonly #senders: readonly SenderCount[];
  readonly #sequence = new SequenceHash();
  readonly #set = new SetHash();
  #multicast = 0;
  #delivered = 0;
  #firstAt: Millis | null = null;
  #lastAt: Millis | null = null;
  #firstSkip: DigestSighting | null = null;
  #firstRepeat: DigestSighting | null = null;
  #firstEarly: DigestSighting | null = null;

  /** Of `process`, in a group of `size`. */
  constructor(process: ProcessId, size: number) {
    this.process = process;
    this.#senders = Array.from({ length: size }, () => new SenderCount());
  }

  /** Counts a multicast. */
  multicast(seq: number): void {
    this.#multicast = seq;
  }

  /** Does nothing: all that is kept follows from multicasts and deliveries. */
  receive(): void {}

  /** Counts a delivery. */
  deliver(sender: ProcessId, seq: number, _time: number, at: Millis): void {
    const position = this.#delivered++;
    this.#firstAt ??= at;
    this.#lastAt = at;
    if (sender === this.process && seq > this.#multicast) {
      this.#firstEarly ??= { sender, seq, position };
    }
    const kind = this.#senders[sender]!.deliver(seq);
    if (kind === "repeat") {
      this.#firstRepeat ??= { sender, seq, position };
      return;
    }
    if (kind === "skip") this.#firstSkip ??= { sender, seq, position };
    this.#sequence.add(sender, seq);
    this.#set.add(sender, seq);
  }

  /** What has been counted so far. */
  summary(): DigestSummary {
    return {
      multicast: this.#multicast,
      senders: this.#senders.map((count) => count.summary()),
      sequenceHash: this.#sequence.hex,
      setHash: this.#set.hex,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      firstSkip: this.#firstSkip,
      firstRepeat: this.#firstRepeat,
      firstEarly: this.#firstEarly,
    };
  }
}

/** How a delivery stands to the earlier ones of the same sender. */
type Kind = "next" | "skip" | "late" | "repeat" | "unplaced";

const MASK = WINDOW - 1;

class SenderCount {
  #delivered = 0;
  #highest = 0;
  #skips = 0;
  #repeated = 0;
  #unplaced = 0;
  /** Bit `seq % WINDOW`: is `seq` delivered? It means something for `seq` above `#highest - WINDOW`.
   * Null until the first message is skipped: before, all up to the highest are delivered. */
  #seen: Uint32Array | null = null;

  deliver(seq: number): Kind {
    this.#delivered++;
    if (seq === this.#highest + 1) {
      this.#highest = seq;
      if (this.#seen !== null) mark(this.#seen, seq);
      return "next";
    }
    if (seq > this.#highest) {
      this.#skips++;
      this.#skipTo(seq);
      return "skip";
    }
    return this.#deliverBehind(seq);
  }

  summary(): SenderSummary {
    return {
      delivered: this.#delivered,
      highest: this.#highest,
      skips: this.#skips,
      repeated: this.#repeated,
      unplaced: this.#unplaced,
    };
  }

  #deliverBehind(seq: number): Kind {
    const seen = this.#seen;
    if (seen === null || this.#isWhole) return this.#repeat();
    if (seq <= this.#highest - WINDOW) {
      this.#unplaced++;
      return "unplaced";
    }
    if (isMarked(seen, seq)) return this.#repeat();
    mark(seen, seq);
    return "late";
  }

  #repeat(): Kind {
    this.#repeated++;
    return "repeat";
  }

  /** Is everything up to the highest delivered, before the delivery that is being looked at? */
  get #isWhole(): boolean {
    return this.#delivered - 1 - this.#repeated - this.#unplaced === this.#highest;
  }

  #skipTo(seq: number): void {
    // All up to the highest are delivered, or the window would be there.
    const seen = this.#seen ??= new Uint32Array(WINDOW / 32).fill(0xffff_ffff);
    if (seq - this.#highest > WINDOW) seen.fill(0);
    else for (let skipped = this.#highest + 1; skipped < seq; skipped++) clear(seen, skipped);
    mark(seen, seq);
    this.#highest = seq;
  }
}

function isMarked(bits: Uint32Array, seq: number): boolean {
  return (bits[(seq & MASK) >>> 5]! & (1 << (seq & 31))) !== 0;
}

function mark(bits: Uint32Array, seq: number): void {
  bits[(seq & MASK) >>> 5]! |= 1 << (seq & 31);
}

function clear(bits: Uint32Array, seq: number): void {
  bits[(seq & MASK) >>> 5]! &= ~(1 << (seq & 31));
}
