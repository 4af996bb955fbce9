/**
 * The hold-back queue: received and not yet delivered, lowest Lamport timestamp first.
 *
 * Each origin's segments come in FIFO order with rising stamps. So the queue is a merge of as many
 * sorted streams as there are processes, and needs no heap: the head is the lowest of the streams'
 * heads, and an insertion costs one step.
 *
 * @module
 */

import type { ProcessId } from "./process.ts";
import { SegmentRing } from "./segment_ring.ts";

/** Segments in the order ⟨time, process⟩. */
export class HoldbackQueue {
  /** The most segments of one process. */
  readonly limit: number;
  readonly #rings: SegmentRing[];
  /** The stream p holds the segments `#first[p]` to `#first[p] + #count[p] - 1`. */
  readonly #first: Float64Array;
  readonly #count: Uint32Array;
  /** The stamp of the first segment of each stream; Infinity where there is none. */
  readonly #headTime: Float64Array;

  /** Holds at most `limit` segments, a power of two, of each of `size` processes. */
  constructor(size: number, limit: number) {
    this.limit = limit;
    this.#rings = Array.from({ length: size }, () => new SegmentRing(limit));
    this.#first = new Float64Array(size).fill(1);
    this.#count = new Uint32Array(size);
    this.#headTime = new Float64Array(size).fill(Infinity);
  }

  /** How many segments of `sender` are held back. */
  count(sender: ProcessId): number {
    return this.#count[sender]!;
  }

  /** For how many more segments of `sender` there is room. */
  room(sender: ProcessId): number {
    return this.limit - this.#count[sender]!;
  }

  /** Appends the next segment of `sender`: `seq` is one more than that of the one before. */
  push(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    if (this.#count[sender] === 0) {
      this.#first[sender] = seq;
      this.#headTime[sender] = time;
    }
    this.#rings[sender]!.put(this.#first[sender]!, seq, time, kind, payload);
    this.#count[sender]! += 1;
  }

  /** Whose segment is the head, -1 if nothing is held back. Equal times are told apart by process. */
  head(): ProcessId {
    let head = -1;
    let lowest = Infinity;
    for (let p = 0; p < this.#headTime.length; p++) {
      if (this.#headTime[p]! < lowest) {
        lowest = this.#headTime[p]!;
        head = p;
      }
    }
    return head;
  }

  /** The stamp of the first segment of `sender`. */
  timeOf(sender: ProcessId): number {
    return this.#headTime[sender]!;
  }

  /** The number of the first segment of `sender`. */
  seqOf(sender: ProcessId): number {
    return this.#first[sender]!;
  }

  kindOf(sender: ProcessId): number {
    return this.#rings[sender]!.kindAt(this.#first[sender]!);
  }

  payloadOf(sender: ProcessId): Uint8Array {
    return this.#rings[sender]!.payloadAt(this.#first[sender]!);
  }

  /** Takes the first segment of `sender` out. */
  pop(sender: ProcessId): void {
    const ring = this.#rings[sender]!;
    ring.drop(this.#first[sender]!);
    const first = ++this.#first[sender]!;
    const count = --this.#count[sender]!;
    this.#headTime[sender] = count === 0 ? Infinity : ring.timeAt(first);
  }
}
