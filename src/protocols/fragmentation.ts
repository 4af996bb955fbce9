/**
 * Messages larger than a datagram travel as fragments, consecutive segments of their sender.
 *
 * @module
 */

import { MAX_MESSAGE_BYTES, SegmentKind } from "./frame.ts";

/** Cuts a message into pieces of `fragmentBytes` at most, without copying; an empty message is one
 * empty piece. */
export function* fragmentsOf(
  payload: Uint8Array,
  fragmentBytes: number,
): Generator<Uint8Array> {
  let start = 0;
  do {
    yield payload.subarray(start, start + fragmentBytes);
    start += fragmentBytes;
  } while (start < payload.length);
}

/** Puts one sender's messages together again from its segments in FIFO order. */
export class Reassembler {
  #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  /** Takes the next segment; returns the message that it completes, or null. What goes beyond the
   * largest message is cut off, on every process alike. */
  add(kind: number, payload: Uint8Array): Uint8Array | null {
    if (kind === SegmentKind.last && this.#parts.length === 0) return payload;
    if (payload.length > 0 && this.#sizeBytes + payload.length <= MAX_MESSAGE_BYTES) {
      this.#parts.push(payload);
      this.#sizeBytes += payload.length;
    }
    if (kind === SegmentKind.more) return null;
    const message = join(this.#parts, this.#sizeBytes);
    this.#parts = [];
    this.#sizeBytes = 0;
    return message;
  }
}

/** One array from several. */
export function join(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
