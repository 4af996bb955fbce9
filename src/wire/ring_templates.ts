/**
 * The datagrams of a token ring that take part in every hop, by hand.
 *
 * A token differs from the one before in three numbers; the view in it hardly ever changes. So the
 * rest is kept as bytes: to be copied on the way out, and to be compared on the way in. What doesn't
 * match is left to the library, which checks it whole; so nothing is accepted here that was not
 * checked there before.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import {
  GRANTS_PER_EPOCH,
  MAX_EPOCH,
  type RingMessage,
  type RingView,
  type Token,
  type TokenAck,
  type TokenMessage,
} from "../protocols/token_ring/messages.ts";

/** What a datagram says, and who says it. */
export interface RingDatagram {
  readonly from: ProcessId;
  readonly message: RingMessage;
}

/** Writes a whole datagram of the message. */
export type Writer = (message: RingMessage) => Uint8Array;

/** Numbers in a datagram that are not part of a template: those of a token, and of an ack. */
const TOKEN_NUMBERS = 3;
const ACK_NUMBERS = 2;

/** A number takes at most so many bytes here: one beyond 2^32 is left to the library. */
const MAX_NUMBER_BYTES = 5;
const MAX_NUMBER = 0xffff_ffff;

/** Elements before `to` in a token, and before `epoch` in an ack: format, kind, ring and sender. */
const HEADER_ELEMENTS = 4;

const NO_BYTES = new Uint8Array(0);

/** The bytes around the numbers of a token. */
interface TokenTemplate {
  readonly from: ProcessId;
  readonly to: number;
  readonly view: RingView;
  /** Up to `to`, that included. */
  readonly head: Uint8Array;
  /** From `waiting` on; nobody waits. */
  readonly tail: Uint8Array;
}

/** Templates of what one node writes and reads. */
export class RingTemplates {
  readonly #write: Writer;
  #written: TokenTemplate | null = null;
  #read: TokenTemplate | null = null;
  /** An ack up to its numbers, as we write it. */
  #ackHead = NO_BYTES;
  /** The same as it was read, by sender. */
  readonly #ackHeads = new Map<ProcessId, Uint8Array>();

  /** @param write What to do where there is no template. */
  constructor(write: Writer) {
    this.#write = write;
  }

  /** Writes a token to `target` from `at` on, and returns the offset behind it. */
  writeToken(message: TokenMessage, self: ProcessId, target: Uint8Array, at: number): number {
    const { to, token } = message;
    const { epoch, sequence, grants, view } = token;
    const template = this.#written;
    if (
      template === null || template.view !== view || template.to !== to ||
      token.waiting.length > 0 || sequence > MAX_NUMBER
    ) {
      const bytes = this.#write(message);
      if (token.waiting.length === 0 && sequence <= MAX_NUMBER) {
        this.#written = tokenTemplate(bytes, self, message);
      }
      target.set(bytes, at);
      return at + bytes.length;
    }
    const { head, tail } = template;
    target.set(head, at);
    at = writeNumber(target, at + head.length, epoch);
    at = writeNumber(target, at, sequence);
    at = writeNumber(target, at, grants);
    target.set(tail, at);
    return at + tail.length;
  }

  /** Writes an ack, into memory of its own. */
  writeAck(message: TokenAck): Uint8Array {
    const { epoch, sequence } = message;
    if (sequence > MAX_NUMBER) return this.#write(message);
    if (this.#ackHead.length === 0) {
      const bytes = this.#write(message);
      this.#ackHead = bytes.slice(0, skipNumbers(bytes, 1, HEADER_ELEMENTS));
      return bytes;
    }
    const head = this.#ackHead;
    const bytes = new Uint8Array(head.length + numberBytes(epoch) + numberBytes(sequence));
    bytes.set(head);
    writeNumber(bytes, writeNumber(bytes, head.length, epoch), sequence);
    return bytes;
  }

  /** Reads a datagram that differs from a known one in its numbers alone; null for any other. */
  read(bytes: Uint8Array): RingDatagram | null {
    return this.#readToken(bytes) ?? this.#readAck(bytes);
  }

  /** Keeps a datagram that was checked whole as a template. */
  learn(bytes: Uint8Array, { from, message }: RingDatagram): void {
    if (message.type === "token" && message.token.waiting.length === 0) {
      this.#read = tokenTemplate(bytes, from, message);
    } else if (message.type === "ack") {
      const end = skipNumbers(bytes, 1, HEADER_ELEMENTS);
      if (end > 0) this.#ackHeads.set(from, bytes.slice(0, end));
    }
  }

  #readToken(bytes: Uint8Array): RingDatagram | null {
    const template = this.#read;
    if (template === null || !startsWith(bytes, template.head, 0)) return null;
    const { head, tail, from, to, view } = template;
    const end = bytes.length - tail.length;
    if (end - head.length > TOKEN_NUMBERS * MAX_NUMBER_BYTES) return null;
    const epochAt = head.length;
    const sequenceAt = numberEnd(bytes, epochAt, end);
    const grantsAt = numberEnd(bytes, sequenceAt, end);
    if (numberEnd(bytes, grantsAt, end) !== end || !startsWith(bytes, tail, end)) return null;
    const epoch = readNumber(bytes, epochAt);
    const grants = readNumber(bytes, grantsAt);
    if (epoch < 1 || epoch > MAX_EPOCH || grants > GRANTS_PER_EPOCH) return null;
    const sequence = readNumber(bytes, sequenceAt);
    const token: Token = { epoch, sequence, grants, view, waiting: [] };
    return { from, message: { type: "token", to, token } };
  }

  #readAck(bytes: Uint8Array): RingDatagram | null {
    for (const [from, head] of this.#ackHeads) {
      const at = head.length;
      const end = bytes.length;
      if (end - at > ACK_NUMBERS * MAX_NUMBER_BYTES || !startsWith(bytes, head, 0)) continue;
      const sequenceAt = numberEnd(bytes, at, end);
      if (numberEnd(bytes, sequenceAt, end) !== end) return null;
      const epoch = readNumber(bytes, at);
      if (epoch < 1 || epoch > MAX_EPOCH) return null;
      return { from, message: { type: "ack", epoch, sequence: readNumber(bytes, sequenceAt) } };
    }
    return null;
  }
}

function tokenTemplate(
  bytes: Uint8Array,
  from: ProcessId,
  { to, token }: TokenMessage,
): TokenTemplate | null {
  const headEnd = skipNumbers(bytes, 1, HEADER_ELEMENTS + 1);
  const tailStart = headEnd < 0 ? -1 : skipNumbers(bytes, headEnd, TOKEN_NUMBERS);
  if (tailStart < 0) return null;
  const head = bytes.slice(0, headEnd);
  return { from, to, view: token.view, head, tail: bytes.slice(tailStart) };
}

function startsWith(bytes: Uint8Array, part: Uint8Array, at: number): boolean {
  if (at < 0 || at + part.length > bytes.length) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

// --- unsigned integers of msgpack

/** Where reading goes on behind so many numbers of any length; -1 if they aren't there. */
function skipNumbers(bytes: Uint8Array, at: number, count: number): number {
  for (let i = 0; i < count && at >= 0; i++) {
    const type = bytes[at] ?? 0xc1;
    if (type < 0x80) at += 1;
    else if (type >= 0xcc && type <= 0xcf) at += 1 + (1 << (type - 0xcc));
    else if (type === 0xcb) at += 9; // The library writes what is beyond 2^32 as a float.
    else return -1;
  }
  return at <= bytes.length ? at : -1;
}

/** Where the number at `at` ends, not beyond `end`; Infinity if it doesn't, or there is none of at
 * most 32 bits. */
function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return Infinity;
  const type = bytes[at]!;
  const length = type < 0x80
    ? 1
    : type >= 0xcc && type <= 0xce
    ? 1 + (1 << (type - 0xcc))
    : Infinity;
  return at + length <= end ? at + length : Infinity;
}

/** Only for where {@linkcode numberEnd} has found one. */
function readNumber(bytes: Uint8Array, at: number): number {
  const type = bytes[at]!;
  if (type < 0x80) return type;
  if (type === 0xcc) return bytes[at + 1]!;
  if (type === 0xcd) return (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const word = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) |
    bytes[at + 4]!;
  return word >>> 0;
}

function numberBytes(value: number): number {
  return value < 0x80 ? 1 : value <= 0xff ? 2 : value <= 0xffff ? 3 : MAX_NUMBER_BYTES;
}

/** Returns the offset behind it. */
function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  const length = numberBytes(value);
  if (length === 1) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at] = length === 2 ? 0xcc : length === 3 ? 0xcd : 0xce;
  for (let i = length - 1, rest = value; i > 0; i--, rest >>>= 8) bytes[at + i] = rest;
  return at + length;
}
