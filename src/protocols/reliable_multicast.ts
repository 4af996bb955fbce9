/**
 * Reliable FIFO multicast within a fixed group, on a network that loses, doubles and reorders.
 *
 * Each process numbers its segments 1, 2, 3... in one stream for all members. A receiver takes a
 * stream's segments in order and once; its acknowledgement is a vector of contiguous numbers, one
 * for each stream, and goes to everybody with every frame. What is missing is made good in three
 * ways, so that the loss of any frame is survived:
 *
 * - **gap**: a receiver that sees a later segment, or hears of one, asks the origin for all that is
 *   missing, at once (negative acknowledgement);
 * - **timeout**: an origin that isn't acknowledged by a member within a measured round trip sends
 *   again what that member lacks first, and asks for an answer;
 * - **probe**: a process that waits for what another one knows asks it. It mends the loss of an
 *   acknowledgement between two receivers, which the origin can't notice.
 *
 * Cf. Chang and Maxemchuk 1984 for negative acknowledgements, and Birman and Joseph 1987 for
 * stability.
 *
 * Methods by role: `receive` is input, `multicast` and `acknowledge` are commands, `tick` does what
 * is due, `deadline` says when that is.
 *
 * @module
 */

import { FlowWindow, SEGMENT_OVERHEAD_BYTES } from "./flow_window.ts";
import { Frame, FrameFlag, FrameKind, MAX_GAPS, MAX_SEQ } from "./frame.ts";
import type { Knowledge } from "./knowledge.ts";
import type { FrameOutbox } from "./outbox.ts";
import type { Millis, ProcessId } from "./process.ts";
import { RoundTrip } from "./round_trip.ts";
import { SegmentRing } from "./segment_ring.ts";

/** So many segments of one origin may be here before their turn; later ones are dropped and asked
 * for again. It bounds what a stream can make this process remember. */
const MAX_AHEAD = 16_384;

/** So many own segments wait for room in the window, or for acknowledgements, at most. */
const MAX_QUEUED = 2 ** 20;

/** What one tick resends to one member at most; it asks again for the rest. */
const MAX_RESENT_BYTES = 48 * 1024;

/** So many ends of gaps wait to be resent to one member at most; it asks again for the others. */
const MAX_WANTED = 8 * MAX_GAPS;

/** What a timeout resends: enough to get an answer that names the other gaps. */
const MAX_TIMEOUT_BYTES = 1024;

/** An acknowledgement waits for others, or for data to ride on, for this share of the slowest round
 * trip: it delays what waits for it by 3 %, and saves most acknowledgements of a busy group. */
const ACKNOWLEDGEMENT_DELAY = 1 / 32;

/** It never waits longer. */
const MAX_ACKNOWLEDGEMENT_DELAY_MS = 10;

/** Below this it doesn't wait at all: timers are no finer, and a short path wants prompt answers. */
const MIN_ACKNOWLEDGEMENT_DELAY_MS = 1;

/** Takes segments in FIFO order, each once. */
export interface SegmentHandler {
  /** May this origin's next segment be taken? While it may not, the origin is not acknowledged and
   * its window closes. */
  hasRoom(sender: ProcessId): boolean;
  accept(sender: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void;
}

/** One process's end of the links to all others. */
export class ReliableMulticast {
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #knowledge: Knowledge;
  readonly #outbox: FrameOutbox;
  readonly #window: FlowWindow;
  readonly #maxAhead: number;
  readonly #frame: Frame;

  /** Own segments that some member may lack: `#stable < seq <= #queued`. */
  readonly #own = new SegmentRing(MAX_QUEUED);
  /** The last segment that was multicast; the window may still hold it here. */
  #queued = 0;
  #queuedBytes = 0;
  /** Handed to the outbox at least once: `#stable <= #transmitted <= #queued`. */
  #transmitted = 0;
  #stable = 0;
  /** The logical clock at the present tick. */
  #clock = 0;

  /** Others' segments that came before their turn. */
  readonly #ahead: SegmentRing[];
  /** The handler had no room for the next segment of q: what came since was dropped. */
  readonly #isFull: Uint8Array;
  /** The highest segment of each origin that is known to exist. */
  readonly #highest: Float64Array;

  readonly #roundTrips: RoundTrip[];
  /** The segment whose acknowledgement is being timed, and by whom it has not been given yet. */
  #timedSeq = 0;
  #timedAt = 0;
  readonly #timedFor: Uint8Array;

  /** When everybody should hear what this process has, at the latest. */
  #acknowledgeAt = Infinity;
  readonly #replyOwed: Uint8Array;
  /** Segments that a member has asked for: pairs first, last. */
  readonly #wanted: number[][];
  #urgent = false;

  /** q has been asked for all that is missing up to `#askedEnd[q]`; at `#askAgainAt[q]` it will be
   * asked once more. */
  readonly #askedEnd: Float64Array;
  readonly #askAgainAt: Float64Array;
  /** What is missing above, up to `#watchedEnd[q]`, may still be on its way; at `#askAt[q]` q will be
   * asked for it. Invariant: `#askedEnd <= #watchedEnd <= #highest`. */
  readonly #watchedEnd: Float64Array;
  readonly #askAt: Float64Array;
  /** When to send again what q has not acknowledged. */
  readonly #resendAt: Float64Array;
  /** When to ask q for its knowledge. */
  readonly #probeAt: Float64Array;
  /** How often q has been asked for gaps, sent segments again, and probed, since that last led to
   * anything. Each of these doubles the time to the next: a process that answers and can't help is
   * not asked as fast as it answers. */
  readonly #asks: Uint32Array;
  readonly #resends: Uint32Array;
  readonly #probes: Uint32Array;

  /** Segments sent again so far. */
  retransmitted = 0;

  /** @param maxAhead So many segments of one origin are kept before their turn, a power of two. */
  constructor(
    self: ProcessId,
    size: number,
    knowledge: Knowledge,
    outbox: FrameOutbox,
    maxAhead = MAX_AHEAD,
  ) {
    this.#maxAhead = maxAhead;
    this.#self = self;
    this.#size = size;
    this.#knowledge = knowledge;
    this.#outbox = outbox;
    this.#window = new FlowWindow(size);
    this.#frame = new Frame(size);
    this.#frame.kind = FrameKind.data;
    this.#frame.from = self;
    this.#ahead = Array.from({ length: size }, () => new SegmentRing(maxAhead));
    this.#isFull = new Uint8Array(size);
    this.#highest = new Float64Array(size);
    this.#roundTrips = Array.from({ length: size }, () => new RoundTrip());
    this.#timedFor = new Uint8Array(size);
    this.#replyOwed = new Uint8Array(size);
    this.#wanted = Array.from({ length: size }, () => []);
    this.#askedEnd = new Float64Array(size);
    this.#askAgainAt = new Float64Array(size).fill(Infinity);
    this.#watchedEnd = new Float64Array(size);
    this.#askAt = new Float64Array(size).fill(Infinity);
    this.#resendAt = new Float64Array(size).fill(Infinity);
    this.#probeAt = new Float64Array(size).fill(Infinity);
    this.#asks = new Uint32Array(size);
    this.#resends = new Uint32Array(size);
    this.#probes = new Uint32Array(size);
  }

  /** Is there room in the window? A segment that is multicast without it waits here. */
  get writable(): boolean {
    return this.#window.hasRoom(this.#queuedBytes) &&
      this.#queued - this.#stable < this.#maxAhead &&
      this.#queued < MAX_SEQ;
  }

  /** How many segments may be multicast, whatever the window. */
  get room(): number {
    return Math.min(MAX_QUEUED - (this.#queued - this.#stable), MAX_SEQ - this.#queued);
  }

  /** Adds to `to` the processes whose acknowledgements keep the window closed. */
  collectAwaited(to: ProcessId[]): void {
    if (this.writable) return;
    for (let q = 0; q < this.#size; q++) {
      if (this.#knowledge.acknowledged(q, this.#self) <= this.#stable) to.push(q);
    }
  }

  /** Takes in a measured round trip to `from`, such as the handshake's. */
  sampleRoundTrip(from: ProcessId, ms: Millis): void {
    this.#roundTrips[from]!.sample(ms);
  }

  /** The retransmission timeout towards q. */
  timeoutMs(q: ProcessId): Millis {
    return this.#roundTrips[q]!.timeoutMs();
  }

  /** Multicasts a segment and returns its number. The payload must not change afterwards. It leaves
   * at the next tick that finds room in the window, together with what else is to be sent by then.
   *
   * @throws {RangeError} A million segments wait already. */
  multicast(time: number, kind: number, payload: Uint8Array): number {
    const seq = this.#queued + 1;
    this.#own.put(this.#stable + 1, seq, time, kind, payload);
    this.#queued = seq;
    this.#queuedBytes += payload.length;
    this.#knowledge.multicasted(seq);
    this.#urgent = true;
    return seq;
  }

  /** Everybody shall hear the present clock, vector and flags at the next tick, without delay. */
  acknowledge(): void {
    this.#acknowledgeAt = -Infinity;
    this.#urgent = true;
  }

  /** Takes in a data frame. Returns false, and changes nothing, if it acknowledges what was never
   * sent: no member of this run says that. */
  receive(frame: Frame, now: Millis, handler: SegmentHandler): boolean {
    const q = frame.from;
    if (frame.acks[this.#self]! > this.#transmitted) return false;
    const acknowledgedBefore = this.#knowledge.acknowledged(q, this.#self);
    if (this.#knowledge.learn(q, frame.acks, frame.sent, frame.clock)) this.#heardNews(q);

    if (this.#knowledge.acknowledged(q, this.#self) > acknowledgedBefore) {
      this.#acknowledged(q, now);
    }
    for (let i = 0; i < frame.times.length; i++) {
      this.#receiveSegment(
        now,
        q,
        frame.firstSeq + i,
        frame.times[i]!,
        frame.kinds[i]!,
        frame.payloads[i]!,
        handler,
      );
    }
    if (frame.sent > this.#highest[q]!) this.#highest[q] = frame.sent;
    this.#knowledge.settle(q);
    this.#watchGaps(q, now);
    if (frame.gaps.length > 0) {
      this.#wanted[q]!.push(...frame.gaps.slice(0, MAX_WANTED - this.#wanted[q]!.length));
    }
    if (frame.flags & FrameFlag.replyWanted) this.#oweReply(q);
    this.#urgent = true; // Any news may let a message be delivered or the window open.
    return true;
  }

  /** Goes on where the handler had no room, if it has some now. */
  resume(now: Millis, handler: SegmentHandler): void {
    for (let q = 0; q < this.#size; q++) {
      if (this.#isFull[q] === 0 || !handler.hasRoom(q)) continue;
      this.#isFull[q] = 0;
      this.#asks[q] = 0;
      this.#takeAhead(now, q, handler);
      this.#askedEnd[q] = this.#watchedEnd[q] = this.#knowledge.own[q]!;
      this.#askAgainAt[q] = this.#askAt[q] = Infinity;
      this.#watchGaps(q, now);
    }
  }

  /** When `tick` must be called next: -Infinity for "at the end of this turn". */
  get deadline(): Millis {
    if (this.#urgent) return -Infinity;
    let deadline = this.#acknowledgeAt;
    for (let q = 0; q < this.#size; q++) {
      deadline = Math.min(
        deadline,
        this.#askAt[q]!,
        this.#askAgainAt[q]!,
        this.#resendAt[q]!,
        this.#probeAt[q]!,
      );
    }
    return deadline;
  }

  /** Sends what is due. `clock` is what frames announce; `awaited` are the processes whose knowledge
   * this one can't go on without. */
  tick(now: Millis, clock: number, done: boolean, awaited: readonly ProcessId[]): void {
    this.#urgent = false;
    this.#clock = clock;
    const flags = done ? FrameFlag.done : 0;
    this.#transmit(now, flags);
    for (let q = 0; q < this.#size; q++) {
      if (q === this.#self) continue;
      if (this.#wanted[q]!.length > 0) this.#resendWanted(q, now, flags);
      if (now >= this.#resendAt[q]!) this.#resendUnacknowledged(q, now, flags);
      if (now >= this.#askAgainAt[q]!) this.#askAgain(q, now, flags);
      if (now >= this.#askAt[q]!) this.#askFirst(q, now, flags);
      if (this.#replyOwed[q]) this.#send(q, this.#header(flags));
    }
    for (const q of awaited) {
      if (this.#probeAt[q] === Infinity) {
        this.#probeAt[q] = now + this.#roundTrips[q]!.timeoutMs();
      } else if (now >= this.#probeAt[q]!) {
        this.#send(q, this.#header(flags | FrameFlag.replyWanted));
        this.#probeAt[q] = now + this.#roundTrips[q]!.timeoutMs(++this.#probes[q]!);
      }
    }
    for (let q = 0; q < this.#size; q++) {
      if (this.#probeAt[q]! <= now) this.#heardNews(q); // It is awaited no longer.
    }
  }

  // --- receiving

  /** q has been asked for an answer by other means. */
  #putProbeOff(q: ProcessId, now: Millis): void {
    if (this.#probeAt[q] === Infinity) return;
    this.#probeAt[q] = now + this.#roundTrips[q]!.timeoutMs(this.#probes[q]);
  }

  #heardNews(q: ProcessId): void {
    this.#probeAt[q] = Infinity;
    this.#probes[q] = 0;
  }

  #receiveSegment(
    now: Millis,
    q: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
    handler: SegmentHandler,
  ): void {
    const received = this.#knowledge.own[q]!;
    if (seq <= received) {
      this.#oweReply(q); // The origin sends again: it has missed the acknowledgement.
      return;
    }
    if (seq > this.#highest[q]!) this.#highest[q] = seq;
    if (seq > received + 1) {
      if (seq <= received + this.#maxAhead) {
        if (!this.#ahead[q]!.has(seq)) this.#asks[q] = 0;
        // Copied: a view would keep the whole block that the socket received into.
        this.#ahead[q]!.put(received + 1, seq, time, kind, payload.slice());
      }
      return;
    }
    if (!handler.hasRoom(q)) {
      this.#isFull[q] = 1;
      return;
    }
    // It may have come before, when there was no room for it.
    this.#ahead[q]!.drop(seq);
    this.#accept(now, q, seq, time, kind, payload, handler);
    this.#takeAhead(now, q, handler);
  }

  /** Accepts what came before its turn, as far as it is its turn now. */
  #takeAhead(now: Millis, q: ProcessId, handler: SegmentHandler): void {
    const ahead = this.#ahead[q]!;
    for (let seq = this.#knowledge.own[q]! + 1; ahead.has(seq); seq++) {
      if (!handler.hasRoom(q)) {
        this.#isFull[q] = 1;
        return;
      }
      const payload = ahead.payloadAt(seq);
      ahead.drop(seq);
      this.#accept(now, q, seq, ahead.timeAt(seq), ahead.kindAt(seq), payload, handler);
    }
  }

  #accept(
    now: Millis,
    q: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
    handler: SegmentHandler,
  ): void {
    this.#knowledge.accept(q, seq, time);
    this.#asks[q] = 0;
    handler.accept(q, seq, time, kind, payload);
    if (this.#acknowledgeAt === Infinity) {
      this.#acknowledgeAt = now + this.#acknowledgementDelayMs();
    }
  }

  /** Notes what is missing. It is asked for a little later: what is still on its way behind the
   * frame that told of it, or was overtaken, gets its time. */
  #watchGaps(q: ProcessId, now: Millis): void {
    const received = this.#knowledge.own[q]!;
    if (received >= this.#askedEnd[q]!) this.#askAgainAt[q] = Infinity;
    if (received >= this.#watchedEnd[q]!) this.#askAt[q] = Infinity;
    if (
      this.#askAt[q] === Infinity && this.#highest[q]! > Math.max(received, this.#watchedEnd[q]!)
    ) {
      this.#watchedEnd[q] = this.#highest[q]!;
      this.#askAt[q] = now + this.#roundTrips[q]!.reorderingMs;
    }
  }

  /** Asks for what has been missing for long enough and was not asked for before. */
  #askFirst(q: ProcessId, now: Millis, flags: number): void {
    this.#ask(
      q,
      Math.max(this.#askedEnd[q]!, this.#knowledge.own[q]!) + 1,
      this.#watchedEnd[q]!,
      flags,
    );
    this.#askedEnd[q] = this.#watchedEnd[q]!;
    this.#askAt[q] = Infinity;
    if (this.#askAgainAt[q] === Infinity) {
      this.#askAgainAt[q] = now + this.#roundTrips[q]!.timeoutMs();
    }
    this.#watchGaps(q, now);
  }

  /** Asks for everything that was asked for and has not come. */
  #askAgain(q: ProcessId, now: Millis, flags: number): void {
    this.#ask(q, this.#knowledge.own[q]! + 1, this.#askedEnd[q]!, flags);
    this.#askAgainAt[q] = now + this.#roundTrips[q]!.timeoutMs(++this.#asks[q]!);
    this.#putProbeOff(q, now);
  }

  #ask(q: ProcessId, first: number, last: number, flags: number): void {
    const frame = this.#header(flags | FrameFlag.replyWanted);
    const ahead = this.#ahead[q]!;
    const end = Math.min(last, this.#knowledge.own[q]! + this.#maxAhead);
    for (let seq = first; seq <= end && frame.gaps.length < 2 * MAX_GAPS; seq++) {
      if (ahead.has(seq)) continue;
      const start = seq;
      while (seq < end && !ahead.has(seq + 1)) seq++;
      frame.gaps.push(start, seq);
    }
    if (frame.gaps.length > 0) this.#send(q, frame);
  }

  #oweReply(q: ProcessId): void {
    this.#replyOwed[q] = 1;
    this.#urgent = true;
  }

  // --- the own stream

  #acknowledged(q: ProcessId, now: Millis): void {
    const acknowledged = this.#knowledge.acknowledged(q, this.#self);
    const roundTrip = this.#roundTrips[q]!;
    if (this.#timedFor[q] && acknowledged >= this.#timedSeq) {
      this.#timedFor[q] = 0;
      roundTrip.sample(now - this.#timedAt);
    }
    this.#resends[q] = 0;
    this.#resendAt[q] = acknowledged < this.#transmitted
      ? now + roundTrip.firstTimeoutMs
      : Infinity;
    this.#release();
  }

  #release(): void {
    // In a group of one, even what waits for the window is known to all.
    const stable = Math.min(this.#knowledge.stable(this.#self), this.#transmitted);
    if (stable <= this.#stable) return;
    const roundTripMs = this.#slowestRoundTripMs();
    while (this.#stable < stable) {
      const seq = ++this.#stable;
      this.#window.release(this.#own.payloadAt(seq).length, roundTripMs);
      this.#own.drop(seq);
    }
  }

  #acknowledgementDelayMs(): Millis {
    const isMeasured = this.#roundTrips.every((path, q) => path.isMeasured || q === this.#self);
    const delayMs = isMeasured ? this.#slowestRoundTripMs() * ACKNOWLEDGEMENT_DELAY : 0;
    if (delayMs < MIN_ACKNOWLEDGEMENT_DELAY_MS) return 0;
    return Math.min(delayMs, MAX_ACKNOWLEDGEMENT_DELAY_MS);
  }

  #slowestRoundTripMs(): Millis {
    let slowest = 0;
    for (let q = 0; q < this.#size; q++) {
      if (q !== this.#self) slowest = Math.max(slowest, this.#roundTrips[q]!.smoothedMs);
    }
    return slowest;
  }

  /** New segments as far as the window goes, or an acknowledgement, to everybody. */
  #transmit(now: Millis, flags: number): void {
    const first = this.#transmitted + 1;
    const last = this.#openWindow();
    if (last < first && now < this.#acknowledgeAt) return;
    if (last >= first && this.#stable >= this.#timedSeq) this.#startTiming(now);
    this.#transmitted = last;
    const frame = this.#header(flags);
    this.#fill(frame, first, last, Infinity);
    this.#outbox.multicast(frame);
    this.#acknowledgeAt = Infinity;
    this.#replyOwed.fill(0);
    if (last < first) return;
    for (let q = 0; q < this.#size; q++) {
      if (q !== this.#self && this.#resendAt[q] === Infinity) {
        this.#resendAt[q] = now + this.#roundTrips[q]!.firstTimeoutMs;
      }
    }
    if (this.#size > 1) return;
    this.#release();
    this.#urgent = this.#transmitted < this.#queued;
  }

  /** Moves queued segments into the window. Returns the last one in it. */
  #openWindow(): number {
    let last = this.#transmitted;
    while (last < this.#queued && this.#window.hasRoom(0)) {
      const bytes = this.#own.payloadAt(++last).length;
      this.#window.add(bytes);
      this.#queuedBytes -= bytes;
    }
    return last;
  }

  #startTiming(now: Millis): void {
    this.#timedSeq = this.#transmitted + 1;
    this.#timedAt = now;
    this.#timedFor.fill(1);
  }

  #resendWanted(q: ProcessId, now: Millis, flags: number): void {
    const wanted = this.#wanted[q]!;
    let budget = MAX_RESENT_BYTES;
    const before = this.retransmitted;
    for (let i = 0; i + 1 < wanted.length && budget > 0; i += 2) {
      const first = Math.max(wanted[i]!, this.#knowledge.acknowledged(q, this.#self) + 1);
      const last = Math.min(wanted[i + 1]!, this.#transmitted);
      if (first > last) continue; // It has come meanwhile.
      budget -= this.#resend(q, first, last, budget, flags);
    }
    this.#wanted[q] = [];
    if (this.retransmitted === before) return;
    this.#window.lost(now, this.#roundTrips[q]!.smoothedMs);
    if (this.#resendAt[q] !== Infinity) {
      this.#resendAt[q] = now + this.#roundTrips[q]!.timeoutMs(this.#resends[q]);
    }
  }

  #resendUnacknowledged(q: ProcessId, now: Millis, flags: number): void {
    const first = this.#knowledge.acknowledged(q, this.#self) + 1;
    this.#resend(q, first, this.#transmitted, MAX_TIMEOUT_BYTES, flags | FrameFlag.replyWanted);
    this.#window.lost(now, this.#roundTrips[q]!.smoothedMs);
    this.#roundTrips[q]!.expire();
    this.#resendAt[q] = now + this.#roundTrips[q]!.timeoutMs(++this.#resends[q]!);
    this.#putProbeOff(q, now);
  }

  #resend(q: ProcessId, first: number, last: number, maxBytes: number, flags: number): number {
    this.#timedFor[q] = 0;
    const frame = this.#header(flags);
    const bytes = this.#fill(frame, first, last, maxBytes);
    this.retransmitted += frame.times.length;
    this.#send(q, frame);
    return bytes;
  }

  /** Fills in the segments from `first` to `last`, as far as `maxBytes` go. Returns their bytes. */
  #fill(frame: Frame, first: number, last: number, maxBytes: number): number {
    frame.firstSeq = first;
    let bytes = 0;
    for (let seq = first; seq <= last && bytes < maxBytes; seq++) {
      const payload = this.#own.payloadAt(seq);
      frame.push(this.#own.timeAt(seq), this.#own.kindAt(seq), payload);
      bytes += payload.length + SEGMENT_OVERHEAD_BYTES;
    }
    return bytes;
  }

  #header(flags: number): Frame {
    const frame = this.#frame;
    frame.clear();
    frame.flags = flags;
    frame.sent = this.#transmitted;
    // What waits for the window is stamped already: the clock that counts is the one before it.
    frame.clock = this.#transmitted < this.#queued
      ? Math.max(0, this.#own.timeAt(this.#transmitted + 1) - 1)
      : this.#clock;
    frame.acks.set(this.#knowledge.own);
    return frame;
  }

  #send(q: ProcessId, frame: Frame): void {
    this.#outbox.send(q, frame);
    this.#replyOwed[q] = 0;
  }
}
