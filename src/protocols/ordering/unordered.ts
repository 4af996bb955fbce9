/**
 * No order and no reliability: each message is sent once and delivered when it comes.
 *
 * ```text
 * to multicast m:   send it to all; deliver it
 * on receipt of m:  deliver it, unless it is a duplicate
 * ```
 *
 * It is what a program does that just uses UDP, and the disease to which the orders are the cure.
 *
 * @module
 */

import { Frame, FrameKind, MAX_MESSAGE_BYTES } from "../frame.ts";
import { fragmentsOf, join } from "../fragmentation.ts";
import type { GroupOutbox } from "../outbox.ts";
import type { Millis, ProcessId } from "../process.ts";

/** A duplicate is recognized among so many of its sender's latest messages; what is older than
 * these is dropped as one. A multiple of 8. */
const REMEMBERED = 65_536;

/** Fragments of so many unfinished messages of one sender are kept; the oldest give way. */
const MAX_UNFINISHED = 16;

/** Best-effort multicast. */
export class UnorderedMulticast {
  readonly #self: ProcessId;
  readonly #outbox: GroupOutbox;
  readonly #fragmentBytes: number;
  readonly #frame: Frame;
  readonly #streams: LooseStream[];

  constructor(self: ProcessId, size: number, outbox: GroupOutbox, fragmentBytes: number) {
    this.#self = self;
    this.#outbox = outbox;
    this.#fragmentBytes = fragmentBytes;
    this.#frame = new Frame(size);
    this.#frame.kind = FrameKind.loose;
    this.#frame.from = self;
    this.#streams = Array.from({ length: size }, () => new LooseStream());
  }

  /** Multicasts message `seq`. */
  multicast(seq: number, payload: Uint8Array): void {
    const frame = this.#frame;
    frame.looseSeq = seq;
    frame.fragments = Math.max(1, Math.ceil(payload.length / this.#fragmentBytes));
    frame.fragment = 0;
    for (const piece of fragmentsOf(payload, this.#fragmentBytes)) {
      frame.payloads[0] = piece;
      this.#outbox.multicast(frame);
      frame.fragment++;
    }
    this.#streams[this.#self]!.delivered++;
    this.#outbox.deliver(this.#self, seq, NaN, payload);
  }

  /** Takes in a loose frame. */
  receive(frame: Frame, now: Millis): void {
    const stream = this.#streams[frame.from]!;
    const payload = stream.add(frame);
    if (payload === null) return;
    stream.latestAt = now;
    this.#outbox.received(frame.from, frame.looseSeq, NaN);
    this.#outbox.deliver(frame.from, frame.looseSeq, NaN, payload);
  }

  /** How many messages of `sender` have been delivered. */
  delivered(sender: ProcessId): number {
    return this.#streams[sender]!.delivered;
  }

  /** When the latest message of `sender` came; -Infinity if none has. */
  latestAt(sender: ProcessId): Millis {
    return this.#streams[sender]!.latestAt;
  }
}

/** What has come from one sender. */
class LooseStream {
  delivered = 0;
  latestAt: Millis = -Infinity;
  #highest = 0;
  /** A bit for each of the messages `#highest - REMEMBERED + 1` to `#highest`. */
  readonly #seen = new Uint8Array(REMEMBERED / 8);
  readonly #unfinished = new Map<number, Unfinished>();

  /** Returns the message that this frame completes, if it has not been delivered before. */
  add(frame: Frame): Uint8Array | null {
    const seq = frame.looseSeq;
    if (this.#hasSeen(seq)) return null;
    const payload = frame.fragments === 1 ? frame.payloads[0]! : this.#assemble(frame);
    if (payload === null) return null;
    this.#see(seq);
    this.delivered++;
    return payload;
  }

  #assemble(frame: Frame): Uint8Array | null {
    let unfinished = this.#unfinished.get(frame.looseSeq);
    if (unfinished === undefined) {
      unfinished = { parts: [], fragments: frame.fragments, come: 0, sizeBytes: 0 };
      this.#unfinished.set(frame.looseSeq, unfinished);
      if (this.#unfinished.size > MAX_UNFINISHED) {
        for (const oldest of this.#unfinished.keys()) {
          this.#unfinished.delete(oldest);
          break;
        }
      }
    }
    const piece = frame.payloads[0]!;
    if (frame.fragments !== unfinished.fragments) return null; // One of them is forged.
    if (unfinished.parts[frame.fragment] !== undefined) return null;
    if (unfinished.sizeBytes + piece.length > MAX_MESSAGE_BYTES) return null;
    // Copied: a view would keep the whole block that the socket received into.
    unfinished.parts[frame.fragment] = piece.slice();
    unfinished.sizeBytes += piece.length;
    if (++unfinished.come < frame.fragments) return null;
    this.#unfinished.delete(frame.looseSeq);
    return join(unfinished.parts, unfinished.sizeBytes);
  }

  #hasSeen(seq: number): boolean {
    if (seq > this.#highest) return false;
    if (seq <= this.#highest - REMEMBERED) return true;
    const bit = seq % REMEMBERED;
    return (this.#seen[bit >> 3]! & (1 << (bit & 7))) !== 0;
  }

  #see(seq: number): void {
    if (seq > this.#highest) {
      if (seq - this.#highest >= REMEMBERED) this.#seen.fill(0);
      else for (let s = this.#highest + 1; s < seq; s++) this.#forget(s);
      this.#highest = seq;
    }
    const bit = seq % REMEMBERED;
    this.#seen[bit >> 3]! |= 1 << (bit & 7);
  }

  #forget(seq: number): void {
    const bit = seq % REMEMBERED;
    this.#seen[bit >> 3]! &= ~(1 << (bit & 7));
  }
}

interface Unfinished {
  parts: Uint8Array[];
  fragments: number;
  come: number;
  sizeBytes: number;
}
