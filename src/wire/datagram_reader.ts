/**
 * Datagrams to frames. Whatever comes from the wire is checked here, whole, before a protocol sees
 * any of it.
 *
 * @module
 */

import {
  type Frame,
  FrameFlag,
  FrameKind,
  MAX_FRAGMENTS,
  MAX_GAPS,
  MAX_POSITIONS,
  MAX_SEQ,
  MAX_TIME,
  POSITION_BYTES,
  SegmentKind,
} from "../protocols/frame.ts";
import type { ProcessId } from "../protocols/process.ts";
import { DATAGRAM_VERSION } from "./datagram_writer.ts";

const ALL_FLAGS = FrameFlag.replyWanted | FrameFlag.done;

/** What {@linkcode DatagramReader.read} found. */
export type Reading = "frame" | "other run" | "malformed";

/** Reads the datagrams of one run. */
export class DatagramReader {
  readonly #run: number;
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #highestKind: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ok = true;

  /** For process `self` of a group of `size` processes, in whose order segments have kinds up to
   * `highestKind`. */
  constructor(run: number, self: ProcessId, size: number, highestKind: number = SegmentKind.stop) {
    this.#run = run;
    this.#self = self;
    this.#size = size;
    this.#highestKind = highestKind;
  }

  /** Fills in `frame` from a datagram. Its payloads are views of `bytes`, which must not be used
   * again. Unless the answer is "frame", the contents of `frame` mean nothing. */
  read(bytes: Uint8Array, frame: Frame): Reading {
    this.#bytes = bytes;
    this.#at = 0;
    this.#ok = true;
    frame.clear();
    const elements = this.#array();
    if (this.#uint(255) !== DATAGRAM_VERSION) return "malformed";
    frame.kind = this.#uint(255);
    const run = this.#uint(Number.MAX_SAFE_INTEGER);
    if (!this.#ok) return "malformed";
    if (run !== this.#run) return "other run";
    frame.from = this.#uint(this.#size - 1);
    frame.flags = this.#uint(ALL_FLAGS);
    if (frame.from === this.#self) return "malformed";
    if (frame.kind === FrameKind.data && elements === 11) this.#readData(frame);
    else if (frame.kind === FrameKind.hello && elements === 7) this.#readHello(frame);
    else if (frame.kind === FrameKind.loose && elements === 9) this.#readLoose(frame);
    else return "malformed";
    return this.#ok && this.#at === bytes.length ? "frame" : "malformed";
  }

  #readHello(frame: Frame): void {
    frame.at = this.#float();
    frame.echo = this.#float();
  }

  #readLoose(frame: Frame): void {
    frame.looseSeq = this.#uint(MAX_SEQ);
    frame.fragment = this.#uint(MAX_FRAGMENTS);
    frame.fragments = this.#uint(MAX_FRAGMENTS);
    frame.payloads.push(this.#binary());
    if (frame.looseSeq === 0 || frame.fragment >= frame.fragments) this.#ok = false;
  }

  #readData(frame: Frame): void {
    frame.clock = this.#uint(MAX_TIME);
    frame.sent = this.#uint(MAX_SEQ);
    if (this.#array() !== this.#size) this.#ok = false;
    for (let p = 0; p < this.#size && this.#ok; p++) frame.acks[p] = this.#uint(MAX_SEQ);
    this.#readGaps(frame);
    frame.firstSeq = this.#uint(MAX_SEQ);
    const count = this.#array() / 3;
    if (!Number.isInteger(count)) this.#ok = false;
    for (let i = 0; i < count && this.#ok; i++) {
      const time = this.#uint(frame.clock);
      if (i > 0 && time < frame.times[i - 1]!) this.#ok = false;
      const kind = this.#uint(this.#highestKind);
      const payload = this.#binary();
      if (kind === SegmentKind.stop && payload.length !== 4) this.#ok = false;
      if (kind === SegmentKind.order && !this.#arePositions(payload.length)) this.#ok = false;
      frame.push(time, kind, payload);
    }
    const last = frame.firstSeq + count - 1;
    if (count > 0 && (frame.firstSeq === 0 || last > frame.sent)) this.#ok = false;
  }

  /** Are the last `length` bytes that were read positions of members? */
  #arePositions(length: number): boolean {
    if (length === 0 || length > MAX_POSITIONS * POSITION_BYTES) return false;
    if (length % POSITION_BYTES !== 0) return false;
    for (let at = this.#at - length; at < this.#at; at += POSITION_BYTES) {
      if (this.#unsigned32(at) >= this.#size) return false; // the process
    }
    return true;
  }

  #readGaps(frame: Frame): void {
    const length = this.#array();
    if (length > 2 * MAX_GAPS || length % 2 !== 0) this.#ok = false;
    for (let i = 0; i < length && this.#ok; i += 2) {
      const first = this.#uint(MAX_SEQ);
      const last = this.#uint(MAX_SEQ);
      if (first === 0 || first > last) this.#ok = false;
      frame.gaps.push(first, last);
    }
  }

  // --- msgpack, as far as the format uses it; after a violation everything reads as 0

  #fail(): 0 {
    this.#ok = false;
    return 0;
  }

  #array(): number {
    const type = this.#byte();
    if ((type & 0xf0) === 0x90) return type & 0x0f;
    if (type === 0xdc) return this.#unsigned(2);
    if (type === 0xdd) return this.#unsigned(4);
    return this.#fail();
  }

  #uint(max: number): number {
    const type = this.#byte();
    const value = type < 0x80
      ? type
      : type >= 0xcc && type <= 0xcf
      ? this.#unsigned(1 << (type - 0xcc))
      : this.#fail();
    return value <= max ? value : this.#fail();
  }

  #float(): number {
    if (this.#byte() !== 0xcb || this.#at + 8 > this.#bytes.length) return this.#fail();
    const { buffer, byteOffset } = this.#bytes;
    const value = new DataView(buffer, byteOffset + this.#at, 8).getFloat64(0);
    this.#at += 8;
    return Number.isFinite(value) ? value : this.#fail();
  }

  #binary(): Uint8Array {
    const type = this.#byte();
    const length = type >= 0xc4 && type <= 0xc6 ? this.#unsigned(1 << (type - 0xc4)) : this.#fail();
    const end = this.#at + length;
    if (!this.#ok || end > this.#bytes.length) {
      this.#fail();
      return this.#bytes.subarray(0, 0);
    }
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  #byte(): number {
    return this.#at < this.#bytes.length ? this.#bytes[this.#at++]! : this.#fail();
  }

  #unsigned(width: number): number {
    const at = this.#at;
    if (at + width > this.#bytes.length) return this.#fail();
    this.#at = at + width;
    switch (width) {
      case 1:
        return this.#bytes[at]!;
      case 2:
        return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
      case 4:
        return this.#unsigned32(at);
      default:
        return this.#unsigned32(at) * 2 ** 32 + this.#unsigned32(at + 4);
    }
  }

  /** By hand: a DataView for each datagram would cost more than all of its numbers. */
  #unsigned32(at: number): number {
    const bytes = this.#bytes;
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) |
      bytes[at + 3]!;
    return word >>> 0;
  }
}
