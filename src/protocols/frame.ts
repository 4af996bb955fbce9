/**
 * What processes of a group send to each other, before it is bytes.
 *
 * One class serves all kinds and is reused for every datagram, in both directions: whoever gets a
 * frame reads it before it returns and keeps nothing but the payloads.
 *
 * @module
 */

import type { Millis, Order, ProcessId } from "./process.ts";

/** What a frame is for. */
export const FrameKind = {
  /** The handshake: "I am here; have you heard from me?" */
  hello: 0,
  /** Knowledge (acknowledgements, clock) and segments of the reliable stream. */
  data: 1,
  /** One fragment of a best-effort message. */
  loose: 2,
} as const;

/** Bits of {@linkcode Frame.flags}. */
export const FrameFlag = {
  /** The receiver shall answer at once with a frame of the same kind. */
  replyWanted: 1,
  /** hello: the sender has heard from every member. data: it has delivered every stop marker. */
  done: 2,
} as const;

/** What a segment of the reliable stream is. */
export const SegmentKind = {
  /** A message, or its last fragment. */
  last: 0,
  /** A fragment that another one follows. */
  more: 1,
  /** The sender's stop marker; its payload is the number of messages it multicast, 4 bytes, big-endian. */
  stop: 2,
  /** No message: what the sender says about the order, as positions. Only in the orders
   * `causal` and `sequencer`. */
  order: 3,
} as const;

/** The highest kind that a segment may have in this order. */
export function highestSegmentKind(order: Order): number {
  return order === "causal" || order === "sequencer" ? SegmentKind.order : SegmentKind.stop;
}

/** What a position takes, in bytes. */
export const POSITION_BYTES = 8;

/** The most positions in one segment of the kind `order`. */
export const MAX_POSITIONS = 32;

/** The highest logical time that is accepted from the wire. A million ticks a second for eight
 * years stay below; a forged stamp near 2^53 doesn't get in. */
export const MAX_TIME = 2 ** 48 - 1;

/** A clock so far above one's own is refused: nobody counts on by four thousand million while others
 * stand still, and a forged one can't use all numbers up at once. */
export const MAX_TIME_JUMP = 2 ** 32;

/** The highest sequence number of a segment: they travel as 32 bits. */
export const MAX_SEQ = 2 ** 32 - 1;

/** The largest message, in bytes. */
export const MAX_MESSAGE_BYTES = 2 ** 20;

/** The most processes of a group: in each datagram, the acknowledgement vector must leave room for a
 * fragment. */
export const MAX_GROUP_SIZE = 200;

/** The most fragments of a best-effort message. */
export const MAX_FRAGMENTS = 16_384;

/** The most gaps that one frame reports; the others wait for the next. */
export const MAX_GAPS = 64;

/** One frame, to be filled, read and used again. */
export class Frame {
  kind: number = FrameKind.data;
  /** Who sent it. */
  from: ProcessId = 0;
  flags = 0;

  /** hello: the sender's clock, for the other to echo. */
  at: Millis = 0;
  /** hello: the `at` that this answers, or -1. */
  echo: Millis = -1;

  /** data: the logical clock when the frame left: what the sender multicasts later has a higher stamp. */
  clock = 0;
  /** data: the sender's last segment so far. It exposes a lost tail. */
  sent = 0;
  /** data: for each process p, everything of p up to this segment has been received. */
  readonly acks: Uint32Array;
  /** data: missing segments of the process that this is sent to, as pairs first, last. */
  readonly gaps: number[] = [];
  /** data: number of the first segment; the others follow without a gap. */
  firstSeq = 0;
  /** data: the segments' Lamport timestamps. */
  readonly times: number[] = [];
  /** data: the segments' kinds. */
  readonly kinds: number[] = [];
  /** data: the segments' payloads. loose: the only one. */
  readonly payloads: Uint8Array[] = [];

  /** loose: which message of the sender, from 1. */
  looseSeq = 0;
  /** loose: which fragment of it, from 0. */
  fragment = 0;
  /** loose: how many fragments it has. */
  fragments = 1;

  /** A frame for a group of `size` processes. */
  constructor(size: number) {
    this.acks = new Uint32Array(size);
  }

  /** Takes all segments and gaps out. */
  clear(): void {
    this.firstSeq = 0;
    // Most frames carry neither, and setting the length of an empty array costs as much as of a full.
    if (this.gaps.length > 0) this.gaps.length = 0;
    if (this.payloads.length === 0) return;
    this.times.length = 0;
    this.kinds.length = 0;
    this.payloads.length = 0;
  }

  /** Appends the segment that follows those in the frame. */
  push(time: number, kind: number, payload: Uint8Array): void {
    this.times.push(time);
    this.kinds.push(kind);
    this.payloads.push(payload);
  }
}
