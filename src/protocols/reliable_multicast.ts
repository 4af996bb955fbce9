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

import { AcknowledgementSchedule } from "./acknowledgement_schedule.ts";
import { Frame, FrameFlag, FrameKind, MAX_GAPS } from "./frame.ts";
import { IncomingStream } from "./incoming_stream.ts";
import type { Knowledge } from "./knowledge.ts";
import { MemberLink } from "./member_link.ts";
import type { FrameOutbox } from "./outbox.ts";
import { OutgoingStream } from "./outgoing_stream.ts";
import type { Millis, ProcessId } from "./process.ts";
import { PromptRequests } from "./prompt_requests.ts";

/** So many segments of one origin may be here before their turn; later ones are dropped and asked
 * for again. It bounds what a stream can make this process remember. */
const MAX_AHEAD = 16_384;

/** What one tick resends to one member at most; it asks again for the rest. */
const MAX_RESENT_BYTES = 48 * 1024;

/** So many ends of gaps wait to be resent to one member at most; it asks again for the others. */
const MAX_WANTED = 8 * MAX_GAPS;

/** What a timeout resends: enough to get an answer that names the other gaps. */
const MAX_TIMEOUT_BYTES = 1024;

/** Where acknowledgements take their time, a round trip is measured once in so long: for that they have
 * to be prompt. */
const MEASURE_EVERY_MS = 500;

/** Enough for the positions of all processes: 200 of them, 32 a segment. */
const RESERVED = 8;

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
  readonly #frame: Frame;
  readonly #own: OutgoingStream;
  readonly #acknowledgement: AcknowledgementSchedule;
  readonly #prompt: PromptRequests;
  readonly #links: readonly MemberLink[];

  /** The arguments of the call that is being served. */
  #handler: SegmentHandler = NOBODY;
  #now: Millis = 0;
  #clock = 0;
  #flags = 0;

  /** The segment whose acknowledgements are being timed. */
  #timedSeq = 0;
  #timedAt: Millis = -Infinity;
  #urgent = false;

  /** Segments sent again so far. */
  retransmitted = 0;

  /** @param patienceMs So long acknowledgements may wait, here and at all others, since no delivery
   * waits for them; 0 if deliveries do.
   * @param maxAhead So many segments of one origin are kept before their turn, a power of two. */
  constructor(
    self: ProcessId,
    size: number,
    knowledge: Knowledge,
    outbox: FrameOutbox,
    patienceMs: Millis = 0,
    maxAhead = MAX_AHEAD,
  ) {
    this.#self = self;
    this.#size = size;
    this.#knowledge = knowledge;
    this.#outbox = outbox;
    this.#frame = new Frame(size);
    this.#frame.kind = FrameKind.data;
    this.#frame.from = self;
    this.#acknowledgement = new AcknowledgementSchedule(patienceMs);
    this.#prompt = new PromptRequests(patienceMs);
    this.#own = new OutgoingStream(size, maxAhead);
    this.#links = Array.from({ length: size }, (_, q) => {
      const taker = {
        hasRoom: () => this.#handler.hasRoom(q),
        take: (seq: number, time: number, kind: number, payload: Uint8Array) =>
          this.#accept(q, seq, time, kind, payload),
      };
      return new MemberLink(new IncomingStream(maxAhead, taker));
    });
  }

  /** Is there room in the window? A segment that is multicast without it waits here. */
  get writable(): boolean {
    return this.#own.writable;
  }

  /** How many segments may be multicast, whatever the window. A few places are kept for what an
   * order has to say before a message. */
  get room(): number {
    return this.#own.room - RESERVED;
  }

  /** Adds to `to` the processes whose acknowledgements keep the window closed. */
  collectAwaited(to: ProcessId[]): void {
    if (this.writable) return;
    for (let q = 0; q < this.#size; q++) {
      if (this.#knowledge.acknowledged(q, this.#self) <= this.#own.stable) to.push(q);
    }
  }

  /** Takes in a measured round trip to `from`, such as the handshake's. */
  sampleRoundTrip(from: ProcessId, ms: Millis): void {
    this.#links[from]!.roundTrip.sample(ms);
  }

  /** The retransmission timeout towards q. */
  timeoutMs(q: ProcessId): Millis {
    return this.#links[q]!.roundTrip.timeoutMs();
  }

  /** Multicasts a segment and returns its number. The payload must not change afterwards. It leaves
   * at the next tick that finds room in the window, together with what else is to be sent by then.
   *
   * @throws {RangeError} A million segments wait already. */
  multicast(time: number, kind: number, payload: Uint8Array): number {
    const seq = this.#own.push(time, kind, payload);
    this.#knowledge.multicasted(seq);
    this.#urgent = true;
    return seq;
  }

  /** Everybody shall hear the present clock, vector and flags at the next tick, without delay. */
  acknowledge(): void {
    this.#acknowledgement.hurry();
    this.#urgent = true;
  }

  /** Takes in a data frame. Returns false, and changes nothing, if it acknowledges what was never
   * sent: no member of this run says that. */
  receive(frame: Frame, now: Millis, handler: SegmentHandler): boolean {
    const q = frame.from;
    if (frame.acks[this.#self]! > this.#own.transmitted) return false;
    this.#handler = handler;
    this.#now = now;
    const link = this.#links[q]!;
    const acknowledgedBefore = this.#knowledge.acknowledged(q, this.#self);
    if (this.#knowledge.learn(q, frame.acks, frame.sent, frame.clock)) link.endProbing();
    if (this.#knowledge.acknowledged(q, this.#self) > acknowledgedBefore) this.#acknowledged(q);
    this.#receiveSegments(frame, link);
    this.#knowledge.settle(q);
    if (frame.gaps.length > 0) {
      link.wanted.push(...frame.gaps.slice(0, MAX_WANTED - link.wanted.length));
    }
    if (frame.flags & FrameFlag.replyWanted) link.isReplyOwed = true;
    this.#urgent = true; // Any news may let a message be delivered or the window open.
    return true;
  }

  /** Goes on where the handler had no room, if it has some now. */
  resume(now: Millis, handler: SegmentHandler): void {
    this.#handler = handler;
    this.#now = now;
    for (const { incoming, roundTrip } of this.#links) incoming.resume(now, roundTrip.reorderingMs);
  }

  /** When `tick` must be called next: -Infinity for "at the end of this turn". */
  get deadline(): Millis {
    if (this.#urgent) return -Infinity;
    let { deadline } = this.#acknowledgement;
    for (let q = 0; q < this.#size; q++) deadline = Math.min(deadline, this.#links[q]!.deadline);
    return deadline;
  }

  /** Sends what is due. `clock` is what frames announce; `awaited` are the processes whose knowledge
   * this one can't go on without. */
  tick(now: Millis, clock: number, done: boolean, awaited: readonly ProcessId[]): void {
    this.#urgent = false;
    this.#now = now;
    this.#clock = clock;
    this.#flags = done ? FrameFlag.done : 0;
    this.#transmit();
    for (let q = 0; q < this.#size; q++) {
      if (q !== this.#self) this.#serve(q, this.#links[q]!);
    }
    for (const q of awaited) this.#probe(q);
    for (const link of this.#links) {
      if (link.probeAt <= now) link.endProbing(); // It is awaited no longer.
    }
  }

  // --- receiving

  #receiveSegments(frame: Frame, link: MemberLink): void {
    const { times, kinds, payloads } = frame;
    const { incoming } = link;
    for (let i = 0; i < times.length; i++) {
      const isNew = incoming.receive(frame.firstSeq + i, times[i]!, kinds[i]!, payloads[i]!);
      if (!isNew) link.isReplyOwed = true;
    }
    incoming.hearOf(frame.sent);
    incoming.watch(this.#now, link.roundTrip.reorderingMs);
  }

  #accept(q: ProcessId, seq: number, time: number, kind: number, payload: Uint8Array): void {
    this.#knowledge.accept(q, seq, time);
    this.#handler.accept(q, seq, time, kind, payload);
    this.#links[q]!.isUntold = true;
    this.#acknowledgement.accepted(this.#now, this.#measuredRoundTripMs);
  }

  /** The slowest round trip; 0 while one has not been measured. */
  readonly #measuredRoundTripMs = (): Millis => {
    const isMeasured = this.#links.every(({ roundTrip }, q) =>
      roundTrip.isMeasured || q === this.#self
    );
    return isMeasured ? this.#slowestRoundTripMs() : 0;
  };

  get #isPatient(): boolean {
    return this.#acknowledgement.patienceMs > 0;
  }

  #slowestRoundTripMs(): Millis {
    let slowest = 0;
    for (let q = 0; q < this.#size; q++) {
      if (q !== this.#self) slowest = Math.max(slowest, this.#links[q]!.roundTrip.smoothedMs);
    }
    return slowest;
  }

  /** q has acknowledged more than before. */
  #acknowledged(q: ProcessId): void {
    const acknowledged = this.#knowledge.acknowledged(q, this.#self);
    const link = this.#links[q]!;
    if (link.isTimed && acknowledged >= this.#timedSeq) {
      link.isTimed = false;
      link.roundTrip.sample(this.#now - this.#timedAt);
    }
    link.resends = 0;
    link.resendAt = acknowledged < this.#own.transmitted ? this.#firstResendAt(q) : Infinity;
    this.#release();
  }

  #release(): void {
    this.#own.release(this.#knowledge.stable(this.#self), this.#slowestRoundTripMs());
  }

  // --- sending

  /** New segments as far as the window goes, or an acknowledgement, to everybody. */
  #transmit(): void {
    const count = this.#own.openWindow();
    if (count === 0) {
      if (this.#now < this.#acknowledgement.deadline) return;
      if (this.#acknowledgement.isForOrigins) return this.#tellOrigins();
    }
    const last = this.#own.transmitted;
    const first = last - count + 1;
    const isTimed = count > 0 && this.#canTime();
    if (isTimed) this.#startTiming(first);
    const isPrompt = count > 0 && this.#isPatient &&
      this.#prompt.ask(this.#now, last, this.#own.stable, this.#own.isTight, isTimed);
    const frame = this.#header(isPrompt ? FrameFlag.replyWanted : 0);
    this.#own.fill(frame, first, last, Infinity);
    this.#outbox.multicast(frame);
    this.#acknowledgement.told();
    for (let q = 0; q < this.#size; q++) {
      const link = this.#links[q]!;
      link.isReplyOwed = link.isUntold = false;
      if (count > 0 && (isPrompt || link.resendAt === Infinity)) {
        link.resendAt = Math.min(link.resendAt, this.#firstResendAt(q));
      }
    }
    this.#links[this.#self]!.resendAt = Infinity; // Nothing is sent to oneself.
    if (this.#size > 1) return;
    this.#release();
    this.#urgent = this.#own.isWaiting;
  }

  /** Acknowledges to those alone whose segments have come: no delivery waits for it elsewhere. */
  #tellOrigins(): void {
    this.#acknowledgement.told();
    for (const link of this.#links) {
      if (link.isUntold) link.isReplyOwed = true;
    }
  }

  /** When to send again what has just left and is not acknowledged by then. */
  #firstResendAt(q: ProcessId): Millis {
    const timeoutMs = this.#links[q]!.roundTrip.firstTimeoutMs;
    const isAsked = this.#prompt.isOpen(this.#knowledge.acknowledged(q, this.#self));
    return this.#now + timeoutMs + (isAsked ? 0 : this.#acknowledgement.patienceMs);
  }

  #canTime(): boolean {
    if (this.#own.stable < this.#timedSeq) return false; // One is being timed.
    return !this.#isPatient || this.#now >= this.#timedAt + MEASURE_EVERY_MS;
  }

  #startTiming(seq: number): void {
    this.#timedSeq = seq;
    this.#timedAt = this.#now;
    for (const link of this.#links) link.isTimed = true;
  }

  /** What is due to one member. */
  #serve(q: ProcessId, link: MemberLink): void {
    if (link.wanted.length > 0) this.#resendWanted(q, link);
    if (this.#now >= link.resendAt) this.#resendUnacknowledged(q, link);
    if (this.#now >= link.incoming.deadline) this.#ask(q, link);
    if (link.isReplyOwed) this.#send(q, this.#header());
  }

  #probe(q: ProcessId): void {
    const link = this.#links[q]!;
    if (link.probeAt === Infinity) {
      link.probeAt = this.#now + link.roundTrip.timeoutMs();
    } else if (this.#now >= link.probeAt) {
      this.#send(q, this.#header(FrameFlag.replyWanted));
      link.probeAt = this.#now + link.roundTrip.timeoutMs(++link.probes);
    }
  }

  #ask(q: ProcessId, link: MemberLink): void {
    const { incoming, roundTrip } = link;
    const frame = this.#header(FrameFlag.replyWanted);
    incoming.askAgain(this.#now, roundTrip, frame.gaps);
    incoming.askFirst(this.#now, roundTrip, frame.gaps);
    if (frame.gaps.length === 0) return;
    this.#send(q, frame);
    link.putProbeOff(this.#now);
  }

  #resendWanted(q: ProcessId, link: MemberLink): void {
    const { wanted } = link;
    const before = this.retransmitted;
    let budget = MAX_RESENT_BYTES;
    for (let i = 0; i + 1 < wanted.length && budget > 0; i += 2) {
      const first = Math.max(wanted[i]!, this.#knowledge.acknowledged(q, this.#self) + 1);
      const last = Math.min(wanted[i + 1]!, this.#own.transmitted);
      if (first > last) continue; // It has come meanwhile.
      // What closes a gap lets much be acknowledged that the sender waits for.
      const flags = this.#isPatient ? FrameFlag.replyWanted : 0;
      budget -= this.#resend(q, link, first, last, budget, flags);
    }
    link.wanted = [];
    if (this.retransmitted === before) return;
    this.#own.lost(this.#now, link.roundTrip.smoothedMs);
    if (link.resendAt !== Infinity) {
      link.resendAt = this.#now + link.roundTrip.timeoutMs(link.resends);
    }
  }

  #resendUnacknowledged(q: ProcessId, link: MemberLink): void {
    const first = this.#knowledge.acknowledged(q, this.#self) + 1;
    const { transmitted } = this.#own;
    this.#resend(q, link, first, transmitted, MAX_TIMEOUT_BYTES, FrameFlag.replyWanted);
    this.#own.lost(this.#now, link.roundTrip.smoothedMs);
    link.roundTrip.expire();
    link.resendAt = this.#now + link.roundTrip.timeoutMs(++link.resends);
    link.putProbeOff(this.#now);
  }

  #resend(
    q: ProcessId,
    link: MemberLink,
    first: number,
    last: number,
    maxBytes: number,
    flags: number,
  ): number {
    link.isTimed = false;
    const frame = this.#header(flags);
    const bytes = this.#own.fill(frame, first, last, maxBytes);
    this.retransmitted += frame.times.length;
    this.#send(q, frame);
    return bytes;
  }

  /** An empty frame with everything that this process knows. */
  #header(flags = 0): Frame {
    const frame = this.#frame;
    frame.clear();
    frame.flags = this.#flags | flags;
    frame.sent = this.#own.transmitted;
    frame.clock = this.#own.announcedClock(this.#clock);
    frame.acks.set(this.#knowledge.own);
    return frame;
  }

  #send(q: ProcessId, frame: Frame): void {
    const link = this.#links[q]!;
    this.#outbox.send(q, frame);
    link.isReplyOwed = link.isUntold = false;
  }
}

/** Stands in before the first call. */
const NOBODY: SegmentHandler = {
  hasRoom: () => false,
  accept: () => {},
};
