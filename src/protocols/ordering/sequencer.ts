/**
 * Total order by a fixed sequencer, process 0 (Birman, Schiper and Stephenson 1991, section 6.2;
 * Kaashoek et al. 1989, method BB).
 *
 * The sequencer's stream is the order. It carries the sequencer's own messages, each at its place,
 * and between them the places of the others' messages: "next come those of p up to segment n".
 *
 * ```text
 * sequencer:
 *   to multicast m:       send m to all on FIFO links; deliver it
 *   on receipt of m of p: hold it back
 *   at the end of a turn: for each p of which something is held back, up to segment n:
 *                         send ⟨p, n⟩ to all; deliver what is held back of p
 * the others:
 *   to multicast m:       send m to all; hold it back
 *   on receipt of m of p: hold it back
 *   next in the sequencer's stream:
 *     a message m:        deliver it
 *     ⟨p, n⟩:             deliver what is held back of p up to segment n, when it is all here
 * ```
 *
 * A number counts segments and names no copy of a message: what comes twice is not numbered twice,
 * and a lost acknowledgement can't change the order. The delivery is not uniform: a sequencer that
 * crashes may have delivered what nobody else will.
 *
 * @module
 */

import { MAX_POSITIONS, SegmentKind } from "../frame.ts";
import { positionCount, processAt, seqAt, writePositions } from "../positions.ts";
import type { ProcessId } from "../process.ts";
import type { ReliableMulticast } from "../reliable_multicast.ts";
import { SegmentQueue } from "../segment_queue.ts";
import { MAX_HELD_BACK, type Ordering, type SegmentSink } from "./ordering.ts";

/** Who says what comes next. */
export const SEQUENCER: ProcessId = 0;

/** Delivers in the order in which the sequencer has received. */
export class SequencerOrdering implements Ordering {
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #link: ReliableMulticast;
  readonly #sink: SegmentSink;
  readonly #held: readonly SegmentQueue[];

  readonly time = NaN;

  constructor(
    self: ProcessId,
    size: number,
    link: ReliableMulticast,
    sink: SegmentSink,
    limit = MAX_HELD_BACK,
  ) {
    this.#self = self;
    this.#size = size;
    this.#link = link;
    this.#sink = sink;
    this.#held = Array.from({ length: size }, () => new SegmentQueue(limit));
  }

  get writable(): boolean {
    // Half is left for the fragments of the message that comes next.
    const own = this.#held[this.#self]!;
    return own.room > own.limit / 2;
  }

  get room(): number {
    return this.#held[this.#self]!.room;
  }

  multicast(kind: number, payload: Uint8Array): void {
    const seq = this.#link.multicast(0, kind, payload);
    if (this.#self === SEQUENCER) this.#sink.deliverSegment(this.#self, kind, payload);
    else this.#held[this.#self]!.push(seq, 0, kind, payload);
  }

  hasRoom(sender: ProcessId): boolean {
    return this.#held[sender]!.room > 0;
  }

  accept(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#held[sender]!.push(seq, time, kind, payload);
  }

  advance(): void {
    if (this.#self === SEQUENCER) this.#number();
    else this.#follow();
  }

  collectAwaited(to: ProcessId[]): void {
    if (this.#self === SEQUENCER) return; // It delivers whatever it has.
    const stream = this.#held[SEQUENCER]!;
    if (stream.count === 0) {
      if (this.#held.some(({ count }) => count > 0)) to.push(SEQUENCER);
      return;
    }
    if (stream.kind !== SegmentKind.order) return; // It can be delivered.
    for (let i = 0; i < positionCount(stream.payload); i++) {
      const p = processAt(stream.payload, i);
      const isHere = this.#held[p]!.lastSeq >= seqAt(stream.payload, i);
      if (!isHere && p !== this.#self) to.push(p);
    }
  }

  // --- the sequencer

  /** Says where in the order everything stands that has come, and delivers it. */
  #number(): void {
    for (let positions = this.#unnumbered(); positions.length > 0;) {
      const part = positions.slice(0, MAX_POSITIONS);
      if (this.#link.room <= 0) return; // Far too much waits for somebody who acknowledges nothing.
      this.#link.multicast(0, SegmentKind.order, writePositions(part));
      for (const [p, seq] of part) this.#deliverUpTo(p, seq);
      positions = positions.slice(MAX_POSITIONS);
    }
  }

  /** The last segment of each process of which something is held back. */
  #unnumbered(): [ProcessId, number][] {
    return this.#held.flatMap((held, p) => held.count === 0 ? [] : [[p, held.lastSeq]]);
  }

  // --- the others

  /** Delivers what the sequencer's stream says, as far as it is here. */
  #follow(): void {
    const stream = this.#held[SEQUENCER]!;
    while (stream.count > 0) {
      const { kind, payload } = stream;
      if (kind === SegmentKind.order) {
        if (!this.#deliverPositions(payload)) return;
        stream.pop();
      } else {
        stream.pop();
        this.#sink.deliverSegment(SEQUENCER, kind, payload);
      }
    }
  }

  /** Delivers what the positions name, in their order. Returns whether all of it was here. */
  #deliverPositions(payload: Uint8Array): boolean {
    for (let i = 0; i < positionCount(payload); i++) {
      const p = processAt(payload, i);
      // The sequencer's own messages need no position; only a forged segment gives them one.
      if (p !== SEQUENCER && !this.#deliverUpTo(p, seqAt(payload, i))) return false;
    }
    return true;
  }

  // --- both

  /** Delivers what is held back of p up to segment `seq`. Returns whether it has all come. */
  #deliverUpTo(p: ProcessId, seq: number): boolean {
    const held = this.#held[p]!;
    while (held.count > 0 && held.seq <= seq) {
      const { kind, payload } = held;
      held.pop();
      // Nobody but the sequencer says anything about the order, unless it is forged.
      if (kind !== SegmentKind.order) this.#sink.deliverSegment(p, kind, payload);
    }
    return held.lastSeq >= seq;
  }
}
