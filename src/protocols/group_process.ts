/**
 * A process of a group, whole: handshake, links, order, stop markers.
 *
 * Methods by role:
 *
 * - input: `receive` takes what came from the wire;
 * - commands: `multicast` and `stop`;
 * - time: `tick` does what is due, and `deadline` says when it must be called next;
 * - getters: `ready`, `writable`, `finished`, `complete`, `waitingFor`, and counters.
 *
 * What the process wants from the world leaves through its outbox. A host calls `tick` at the end
 * of each turn in which it called anything else, so that one datagram carries what the whole turn
 * brought.
 *
 * @module
 */

import { PATIENCE_MS } from "./acknowledgement_schedule.ts";
import { fragmentsOf, Reassembler } from "./fragmentation.ts";
import {
  type Frame,
  FrameFlag,
  FrameKind,
  MAX_MESSAGE_BYTES,
  MAX_TIME_JUMP,
  SegmentKind,
} from "./frame.ts";
import { Handshake } from "./handshake.ts";
import { Knowledge } from "./knowledge.ts";
import { makeOrdering } from "./ordering/make_ordering.ts";
import type { Ordering, SegmentSink } from "./ordering/ordering.ts";
import { UnorderedMulticast } from "./ordering/unordered.ts";
import type { FrameOutbox, GroupOutbox } from "./outbox.ts";
import type { Millis, Order, ProcessId } from "./process.ts";
import { ReliableMulticast, type SegmentHandler } from "./reliable_multicast.ts";

/** Best-effort messages may be overtaken by the stop marker: after it, the process waits for those
 * that are missing until none has come for this long, or for three retransmission timeouts. */
const MIN_SETTLE_MS = 100;

/** How a process takes part. */
export interface GroupOptions {
  /** Its own number. */
  self: ProcessId;
  /** How many processes the group has. */
  size: number;
  order: Order;
  /** Messages are cut into fragments of so many bytes at most. */
  fragmentBytes: number;
}

/** What a process is put together from. The simulator's deliberate mistakes put variations in place
 * of single parts. */
export interface GroupParts {
  makeKnowledge(self: ProcessId, size: number): Knowledge;
  makeLink(
    self: ProcessId,
    size: number,
    knowledge: Knowledge,
    outbox: FrameOutbox,
    patienceMs: Millis,
  ): ReliableMulticast;
  makeOrdering(
    order: Order,
    self: ProcessId,
    size: number,
    knowledge: Knowledge,
    link: ReliableMulticast,
    sink: SegmentSink,
  ): Ordering;
}

/** The real parts. */
export const GROUP_PARTS: GroupParts = {
  makeKnowledge: (self, size) => new Knowledge(self, size),
  makeLink: (self, size, knowledge, outbox, patienceMs) =>
    new ReliableMulticast(self, size, knowledge, outbox, patienceMs),
  makeOrdering,
};

/** How far a process is. */
export type GroupState = "handshake" | "running" | "waiting" | "finished";

/** One process of a group. */
export class GroupProcess implements SegmentHandler, SegmentSink {
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #fragmentBytes: number;
  readonly #outbox: GroupOutbox;
  readonly #handshake: Handshake;
  readonly #link: ReliableMulticast;
  readonly #ordering: Ordering;
  readonly #unordered: UnorderedMulticast | null;
  readonly #reassemblers: Reassembler[];

  #multicastCount = 0;
  #deliveredCount = 0;
  readonly #receivedOf: Float64Array;
  readonly #deliveredOf: Float64Array;
  /** How many messages p multicast, by its stop marker; -1 before it is delivered. */
  readonly #announced: Float64Array;
  readonly #stoppedAt: Float64Array;
  #stopMulticast = false;
  #finished = false;
  /** These have said that they are finished. */
  readonly #done: boolean[];
  #now: Millis = 0;

  /** Stop markers that named another number of messages than was delivered before them. Only a
   * forged datagram can cause one. */
  inconsistencies = 0;

  constructor(options: GroupOptions, outbox: GroupOutbox, parts: GroupParts = GROUP_PARTS) {
    const { self, size, order, fragmentBytes } = options;
    if (!(self >= 0 && self < size)) {
      throw new RangeError(`No process ${self} in a group of ${size}`);
    }
    this.#self = self;
    this.#size = size;
    this.#fragmentBytes = fragmentBytes;
    this.#outbox = outbox;
    this.#handshake = new Handshake(self, size, outbox);
    const knowledge = parts.makeKnowledge(self, size);
    // Lamport's order alone waits until everybody is known to have a message.
    const patienceMs = order === "lamport" ? 0 : PATIENCE_MS;
    this.#link = parts.makeLink(self, size, knowledge, outbox, patienceMs);
    this.#ordering = parts.makeOrdering(order, self, size, knowledge, this.#link, this);
    this.#unordered = order === "none"
      ? new UnorderedMulticast(self, size, outbox, fragmentBytes)
      : null;
    this.#reassemblers = Array.from({ length: size }, () => new Reassembler());
    this.#receivedOf = new Float64Array(size);
    this.#deliveredOf = new Float64Array(size);
    this.#announced = new Float64Array(size).fill(-1);
    this.#stoppedAt = new Float64Array(size).fill(Infinity);
    this.#done = new Array(size).fill(false);
  }

  /** Has every process heard from every other? Before it, nothing may be multicast. */
  get ready(): boolean {
    return this.#handshake.done;
  }

  /** May the application multicast now? If not, a later tick makes room. */
  get writable(): boolean {
    if (!this.ready || this.#stopMulticast) return false;
    return this.#unordered !== null || (this.#link.writable && this.#ordering.writable);
  }

  /** Has this process delivered everything that it can expect, up to the last stop marker? */
  get finished(): boolean {
    return this.#finished;
  }

  /** Is every process known to be finished? */
  get complete(): boolean {
    return this.#finished && this.#done.every((done, p) => done || p === this.#self);
  }

  /** The processes not known to be finished, this one left aside. */
  get unfinished(): ProcessId[] {
    return this.#processes((p) => !this.#done[p]);
  }

  get state(): GroupState {
    if (!this.ready) return "handshake";
    if (this.complete) return "finished";
    return this.#stopMulticast ? "waiting" : "running";
  }

  /** How many messages this process has multicast. */
  get multicastCount(): number {
    return this.#multicastCount;
  }

  /** How many messages it has delivered. */
  get deliveredCount(): number {
    return this.#deliveredCount;
  }

  /** How many segments it has sent again. */
  get retransmitted(): number {
    return this.#link.retransmitted;
  }

  /** The processes without which this one can't go on at the moment. */
  get waitingFor(): ProcessId[] {
    if (!this.ready) return this.#handshake.awaited;
    const awaited: ProcessId[] = [];
    this.#ordering.collectAwaited(awaited);
    if (awaited.length === 0) this.#link.collectAwaited(awaited);
    if (awaited.length > 0 || !this.#stopMulticast) return awaited;
    return this.#processes((p) => this.#finished ? !this.#done[p] : !this.#hasStopped(p));
  }

  /** When `tick` must be called next; -Infinity for "at the end of this turn". */
  get deadline(): Millis {
    return Math.min(this.#handshake.deadline, this.#link.deadline, this.#settleDeadline());
  }

  /** Multicasts a message and returns its number, counted from 1. The payload must not change
   * afterwards. Without room in the window the message waits; so ask `writable` first. What is
   * refused changes nothing.
   *
   * @throws {Error} The handshake isn't done, or the stop marker has been multicast.
   * @throws {RangeError} The payload is larger than a message may be, or too much waits already. */
  multicast(payload: Uint8Array, now: Millis): number {
    if (!this.ready) throw new Error("Cannot multicast before the handshake is done");
    if (this.#stopMulticast) throw new Error("Cannot multicast after the stop marker");
    if (payload.length > MAX_MESSAGE_BYTES) {
      throw new RangeError(
        `A message of ${payload.length} bytes is larger than ${MAX_MESSAGE_BYTES}`,
      );
    }
    this.#checkRoom(Math.max(1, Math.ceil(payload.length / this.#fragmentBytes)));
    this.#now = now;
    const seq = ++this.#multicastCount;
    if (this.#unordered !== null) {
      this.#outbox.multicasted(seq, NaN, payload.length);
      this.#deliveredCount++;
      this.#unordered.multicast(seq, payload);
      return seq;
    }
    // An order without a clock may deliver at once, and the multicast comes before its delivery.
    const isTimed = this.#isTimed;
    if (!isTimed) this.#outbox.multicasted(seq, NaN, payload.length);
    let previous: Uint8Array | null = null;
    for (const fragment of fragmentsOf(payload, this.#fragmentBytes)) {
      if (previous !== null) this.#ordering.multicast(SegmentKind.more, previous);
      previous = fragment;
    }
    this.#ordering.multicast(SegmentKind.last, previous!);
    if (isTimed) this.#outbox.multicasted(seq, this.#ordering.time, payload.length);
    return seq;
  }

  /** Multicasts the stop marker: an ordinary ordered segment, so it can't overtake data.
   *
   * @throws {Error} As {@linkcode multicast}. */
  stop(now: Millis): void {
    if (!this.ready) throw new Error("Cannot stop before the handshake is done");
    if (this.#stopMulticast) throw new Error("The stop marker has been multicast already");
    this.#checkRoom(1);
    this.#now = now;
    this.#stopMulticast = true;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#multicastCount);
    this.#ordering.multicast(SegmentKind.stop, payload);
  }

  /** Takes in a frame of another member. Returns false if no member of this run can have sent it;
   * then nothing has changed. */
  receive(frame: Frame, now: Millis): boolean {
    this.#now = now;
    if (frame.from === this.#self) return false;
    if (frame.kind === FrameKind.hello) {
      const roundTripMs = this.#handshake.receive(frame, now);
      if (roundTripMs >= 0) this.#link.sampleRoundTrip(frame.from, roundTripMs);
      return true;
    }
    if (frame.kind === FrameKind.loose) {
      if (this.#unordered === null) return false;
      this.#handshake.heardData(frame.from);
      const before = this.#unordered.delivered(frame.from);
      this.#unordered.receive(frame, now);
      this.#deliveredCount += this.#unordered.delivered(frame.from) - before;
      return true;
    }
    if (frame.clock > this.#logicalTime() + MAX_TIME_JUMP) return false;
    if (!this.#link.receive(frame, now, this)) return false;
    this.#handshake.heardData(frame.from);
    if (frame.flags & FrameFlag.done) this.#done[frame.from] = true;
    return true;
  }

  /** Delivers what may be delivered. A tick does so too; whoever multicasts in answer to deliveries
   * calls this first, so that the answers leave together with what the tick sends. */
  advance(now: Millis): void {
    this.#now = now;
    this.#ordering.advance();
    this.#link.resume(now, this);
    this.#ordering.advance();
  }

  /** Delivers what may be delivered and sends what is due. */
  tick(now: Millis): void {
    this.#handshake.tick(now);
    this.advance(now);
    this.#finishIfDone(now);
    this.#link.tick(now, this.#logicalTime(), this.#finished, this.#probed());
  }

  // --- SegmentHandler: what the links hand up

  /** @ignore */
  hasRoom(sender: ProcessId): boolean {
    return this.#ordering.hasRoom(sender);
  }

  /** @ignore */
  accept(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    const isTimed = this.#isTimed;
    if (!isTimed) this.#received(sender, kind);
    this.#ordering.accept(sender, seq, time, kind, payload);
    if (isTimed) this.#received(sender, kind);
  }

  // --- SegmentSink: what the order lets through

  /** @ignore */
  deliverSegment(sender: ProcessId, kind: number, payload: Uint8Array): void {
    if (kind === SegmentKind.stop) {
      this.#stopped(sender, payload);
      return;
    }
    const message = this.#reassemblers[sender]!.add(kind, payload);
    if (message === null) return;
    this.#deliveredCount++;
    this.#outbox.deliver(sender, ++this.#deliveredOf[sender]!, this.#ordering.time, message);
  }

  /** Does the order have a logical clock? */
  get #isTimed(): boolean {
    return !Number.isNaN(this.#ordering.time);
  }

  #logicalTime(): number {
    return this.#isTimed ? this.#ordering.time : 0;
  }

  /** A message is here when its last fragment is. */
  #received(sender: ProcessId, kind: number): void {
    if (kind !== SegmentKind.last) return;
    this.#outbox.received(sender, ++this.#receivedOf[sender]!, this.#ordering.time);
  }

  #checkRoom(segments: number): void {
    if (segments <= Math.min(this.#ordering.room, this.#link.room)) return;
    throw new RangeError(`No room for ${segments} segments: wait until the group is writable`);
  }

  #stopped(sender: ProcessId, payload: Uint8Array): void {
    const count = new DataView(payload.buffer, payload.byteOffset, payload.length).getUint32(0);
    if (this.#unordered === null && count !== this.#deliveredOf[sender]) this.inconsistencies++;
    this.#announced[sender] = count;
    this.#stoppedAt[sender] = this.#now;
  }

  #finishIfDone(now: Millis): void {
    if (this.#finished) return;
    for (let p = 0; p < this.#size; p++) {
      if (!this.#hasStopped(p) || now < this.#settledAt(p)) return;
    }
    this.#finished = true;
    this.#link.acknowledge();
  }

  #hasStopped(p: ProcessId): boolean {
    return this.#announced[p] !== -1;
  }

  /** From when on nothing more is expected of p, which has stopped. */
  #settledAt(p: ProcessId): Millis {
    if (this.#unordered === null || this.#unordered.delivered(p) >= this.#announced[p]!) {
      return -Infinity;
    }
    const latest = Math.max(this.#stoppedAt[p]!, this.#unordered.latestAt(p));
    return latest + Math.max(MIN_SETTLE_MS, 3 * this.#link.timeoutMs(p));
  }

  #settleDeadline(): Millis {
    if (this.#unordered === null || this.#finished) return Infinity;
    let deadline = -Infinity;
    for (let p = 0; p < this.#size; p++) {
      if (!this.#hasStopped(p)) return Infinity;
      deadline = Math.max(deadline, this.#settledAt(p));
    }
    return deadline;
  }

  /** Whose knowledge is needed to go on: of those who hold up a delivery, and in the end of those
   * who have not said that they are finished. */
  #probed(): ProcessId[] {
    const probed: ProcessId[] = [];
    this.#ordering.collectAwaited(probed);
    // A stop marker that is missing needs no probe: its sender repeats it until it is acknowledged.
    if (this.#finished) probed.push(...this.#processes((p) => !this.#done[p]));
    return probed;
  }

  /** The other processes for which `condition` holds. */
  #processes(condition: (p: ProcessId) => boolean): ProcessId[] {
    const found: ProcessId[] = [];
    for (let p = 0; p < this.#size; p++) {
      if (p !== this.#self && condition(p)) found.push(p);
    }
    return found;
  }
}
