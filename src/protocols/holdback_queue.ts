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
import { SegmentQueue } from "./segment_queue.ts";

/** Segments in the order ⟨time, process⟩. */
export class HoldbackQueue {
  /** The most segments of one process. */
  readonly limit: number;
  readonly #queues: SegmentQueue[];
  /** The stamp of the first segment of each process; Infinity where there is none. */
  readonly #headTime: Float64Array;

  /** Holds at most `limit` segments, a power of two, of each of `size` processes. */
  constructor(size: number, limit: number) {
    this.limit = limit;
    this.#queues = Array.from({ length: size }, () => new SegmentQueue(limit));
    this.#headTime = new Float64Array(size).fill(Infinity);
  }

  /** How many segments of `sender` are held back. */
  count(sender: ProcessId): number {
    return this.#queues[sender]!.count;
  }

  /** For how many more segments of `sender` there is room. */
  room(sender: ProcessId): number {
    return this.#queues[sender]!.room;
  }

  /** Appends the next segment of `sender`: `seq` is one more than that of the one before. */
  push(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    const queue = this.#queues[sender]!;
    if (queue.count === 0) this.#headTime[sender] = time;
    queue.push(seq, time, kind, payload);
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
    return this.#queues[sender]!.seq;
  }

  kindOf(sender: ProcessId): number {
    return this.#queues[sender]!.kind;
  }

  payloadOf(sender: ProcessId): Uint8Array {
    return this.#queues[sender]!.payload;
  }

  /** Takes the first segment of `sender` out. */
  pop(sender: ProcessId): void {
    const queue = this.#queues[sender]!;
    queue.pop();
    this.#headTime[sender] = queue.count === 0 ? Infinity : queue.time;
  }
}
