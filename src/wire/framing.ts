/**
 * Messages on a byte stream: four bytes with the length, most significant first, then as many bytes
 * of msgpack.
 *
 * ```ts
 * import { encodeFrame, FrameReader } from "./framing.ts";
 * import { decodeValue } from "./msgpack.ts";
 *
 * const frame = encodeFrame({ type: "list" });
 * const reader = new FrameReader();
 * reader.push(frame.subarray(0, 3));
 * console.assert(reader.read() === undefined);
 * reader.push(frame.subarray(3));
 * console.assert((decodeValue(reader.read()!) as { type: string }).type === "list");
 * ```
 *
 * @module
 */

import { encodeValue } from "./msgpack.ts";

/** The largest message in bytes, its length field not counted, unless a connection agrees on
 * another. A message must fit into memory twice while it is read, so this bounds what a stranger can
 * make a process hold; larger contents travel as several messages. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** The length in front of each message. */
export const HEADER_BYTES = 4;
/** Capacity that a reader keeps when nothing is waiting; more is given back. */
const IDLE_CAPACITY_BYTES = 64 * 1024;

/**
 * Encodes one message as a frame, in memory of its own.
 *
 * @throws {TypeError} if the value isn't made of null, booleans, numbers, strings, `Uint8Array`s,
 * arrays and plain objects.
 * @throws {RangeError} if the message is larger than `maxFrameBytes`.
 */
export function encodeFrame(value: unknown, maxFrameBytes = MAX_FRAME_BYTES): Uint8Array {
  const body = encodeValue(value);
  if (body.length > maxFrameBytes) {
    throw new RangeError(`A message of ${body.length} bytes exceeds the limit of ${maxFrameBytes}`);
  }
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  writeFrameLength(frame, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Writes the header of a frame to the beginning of `bytes`; its message goes behind it. */
export function writeFrameLength(bytes: Uint8Array, length: number): void {
  bytes[0] = length >>> 24;
  bytes[1] = length >>> 16;
  bytes[2] = length >>> 8;
  bytes[3] = length;
}

/** The length that the frame at this offset announces. */
export function readFrameLength(bytes: Uint8Array, at = 0): number {
  const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return word >>> 0;
}

/**
 * Cuts a byte stream into frames, however the stream was split on its way.
 *
 * Bytes go in with {@linkcode push}; whole frames come out of {@linkcode read}, which should be
 * called until it has no more. Then the reader holds less than one frame, in memory that grows with
 * the bytes that came and not with the length that was announced.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  #buffer = new Uint8Array(0);
  /** What has been pushed and not yet read is `#buffer[#start .. #end)`. */
  #start = 0;
  #end = 0;

  constructor(maxFrameBytes = MAX_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that wait for the rest of their frame. At the end of a stream there must be none. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes the next bytes of the stream. They are copied, so the caller may use its buffer again. */
  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next whole message, undecoded and in memory of its own, or undefined if more bytes must
   * come first.
   *
   * @throws {RangeError} if a frame announces a length of 0 or beyond the maximum. There is no way
   * to find the next frame then, so every later call throws the same.
   */
  read(): Uint8Array | undefined {
    if (this.pendingBytes < HEADER_BYTES) return undefined;
    const length = this.#announcedLength();
    if (length === 0) throw new RangeError("A frame announces 0 bytes");
    if (length > this.#maxFrameBytes) {
      throw new RangeError(
        `A frame announces ${length} bytes, the limit is ${this.#maxFrameBytes}`,
      );
    }
    if (this.pendingBytes < HEADER_BYTES + length) return undefined;
    const from = this.#start + HEADER_BYTES;
    this.#start = from + length;
    const body = this.#buffer.slice(from, this.#start);
    if (this.#start === this.#end) this.#rewind();
    return body;
  }

  #announcedLength(): number {
    return readFrameLength(this.#buffer, this.#start);
  }

  #rewind(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > IDLE_CAPACITY_BYTES) this.#buffer = new Uint8Array(0);
  }

  /** Moves what is pending to the front of the buffer, or of one twice as large. It moves within
   * the buffer only if at least half of that has been read, so each byte is copied a constant number
   * of times, whatever the size of the chunks. */
  #makeRoom(bytes: number): void {
    const pending = this.pendingBytes;
    const needed = pending + bytes;
    if (needed <= this.#buffer.length && pending <= this.#start) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    } else {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2, 256));
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    }
    this.#start = 0;
    this.#end = pending;
  }
}
