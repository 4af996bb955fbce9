/**
 * Frames to datagrams. The format is in docs/PROTOCOL.md: each datagram is one standard msgpack
 * array, so that any msgpack library reads it.
 *
 * It is written by hand because this is the hot path: a library would want an array and an object
 * for every segment, and here a segment costs neither.
 *
 * @module
 */

import { type Frame, FrameKind } from "../protocols/frame.ts";

/** The first element of every datagram. */
export const DATAGRAM_VERSION = 1;

/** The largest payload of a UDP datagram over IPv4, in bytes. */
export const MAX_DATAGRAM_BYTES = 65_507;

/** What a datagram's header takes at most in a group of `size` processes, in bytes. A fragment of
 * `maxDatagramBytes` less this always fits. */
export function headerBytes(size: number): number {
  return 96 + 5 * size;
}

/** What a segment takes beside its payload, at most. */
const SEGMENT_HEADER_BYTES = 9 + 1 + 5;

/** Writes frames as datagrams of a bounded size. */
export class DatagramWriter {
  readonly #run: number;
  readonly #maxDatagramBytes: number;
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  #length = 0;

  /** Datagrams of `run`, of at most `maxDatagramBytes` unless a single segment is larger. */
  constructor(run: number, maxDatagramBytes: number) {
    this.#run = run;
    this.#maxDatagramBytes = maxDatagramBytes;
    this.#buffer = new Uint8Array(MAX_DATAGRAM_BYTES);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Writes a frame and hands over each datagram that it takes. The bytes are the writer's again
   * when `transmit` returns.
   *
   * @throws {RangeError} A segment does not fit into any datagram. */
  write(frame: Frame, transmit: (datagram: Uint8Array) => void): void {
    if (frame.kind === FrameKind.data) return this.#writeData(frame, transmit);
    if (frame.kind === FrameKind.hello) this.#writeHello(frame);
    else this.#writeLoose(frame);
    transmit(this.#buffer.subarray(0, this.#length));
  }

  #writeHello(frame: Frame): void {
    this.#start(frame, 7);
    this.#float(frame.at);
    this.#float(frame.echo);
  }

  #writeLoose(frame: Frame): void {
    this.#start(frame, 9);
    this.#uint(frame.looseSeq);
    this.#uint(frame.fragment);
    this.#uint(frame.fragments);
    this.#binary(frame.payloads[0]!);
  }

  #writeData(frame: Frame, transmit: (datagram: Uint8Array) => void): void {
    let next = 0;
    do {
      this.#start(frame, 11);
      this.#uint(frame.clock);
      this.#uint(frame.sent);
      this.#array(frame.acks.length);
      for (let p = 0; p < frame.acks.length; p++) this.#uint(frame.acks[p]!);
      // The gaps fit into the first datagram, which carries no segments where there are any.
      const gaps = next === 0 ? frame.gaps : NO_GAPS;
      this.#array(gaps.length);
      for (let i = 0; i < gaps.length; i++) this.#uint(gaps[i]!);
      this.#uint(frame.firstSeq + next);
      next = this.#writeSegments(frame, next);
      transmit(this.#buffer.subarray(0, this.#length));
    } while (next < frame.times.length);
  }

  /** Writes as many segments as fit, at least one if there is one. Returns the first not written. */
  #writeSegments(frame: Frame, first: number): number {
    const countAt = this.#length;
    this.#length += 3;
    let i = first;
    for (; i < frame.times.length; i++) {
      const payload = frame.payloads[i]!;
      const end = this.#length + SEGMENT_HEADER_BYTES + payload.length;
      if (i > first && end > this.#maxDatagramBytes) break;
      this.#uint(frame.times[i]!);
      this.#uint(frame.kinds[i]!);
      this.#binary(payload);
    }
    this.#buffer[countAt] = 0xdc;
    this.#view.setUint16(countAt + 1, 3 * (i - first));
    return i;
  }

  #start(frame: Frame, elements: number): void {
    this.#length = 0;
    this.#array(elements);
    this.#uint(DATAGRAM_VERSION);
    this.#uint(frame.kind);
    this.#uint(this.#run);
    this.#uint(frame.from);
    this.#uint(frame.flags);
  }

  #array(length: number): void {
    if (length < 16) {
      this.#buffer[this.#length++] = 0x90 | length;
    } else {
      this.#buffer[this.#length] = 0xdc;
      this.#view.setUint16(this.#length + 1, length);
      this.#length += 3;
    }
  }

  #uint(value: number): void {
    const at = this.#length;
    if (value < 0x80) {
      this.#buffer[at] = value;
      this.#length = at + 1;
    } else if (value <= 0xff) {
      this.#buffer[at] = 0xcc;
      this.#buffer[at + 1] = value;
      this.#length = at + 2;
    } else if (value <= 0xffff) {
      this.#buffer[at] = 0xcd;
      this.#buffer[at + 1] = value >> 8;
      this.#buffer[at + 2] = value;
      this.#length = at + 3;
    } else if (value <= 0xffff_ffff) {
      this.#buffer[at] = 0xce;
      this.#view.setUint32(at + 1, value);
      this.#length = at + 5;
    } else {
      this.#buffer[at] = 0xcf;
      this.#view.setUint32(at + 1, value / 2 ** 32);
      this.#view.setUint32(at + 5, value % 2 ** 32);
      this.#length = at + 9;
    }
  }

  #float(value: number): void {
    this.#buffer[this.#length] = 0xcb;
    this.#view.setFloat64(this.#length + 1, value);
    this.#length += 9;
  }

  #binary(bytes: Uint8Array): void {
    const { length } = bytes;
    if (this.#length + 5 + length > MAX_DATAGRAM_BYTES) {
      throw new RangeError(`A segment of ${length} bytes does not fit into a datagram`);
    }
    if (length <= 0xff) {
      this.#buffer[this.#length] = 0xc4;
      this.#buffer[this.#length + 1] = length;
      this.#length += 2;
    } else {
      this.#buffer[this.#length] = 0xc5;
      this.#view.setUint16(this.#length + 1, length);
      this.#length += 3;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += length;
  }
}

const NO_GAPS: readonly number[] = [];
