/**
 * Stored messages as frames of a delivery connection: the format is in docs/PROTOCOL.md.
 *
 * It is written by hand because this is the coordinator's hot path: the library would want an array
 * of all fields of all messages first. The bytes are those that the library would write.
 *
 * @module
 */

import type { Message } from "../protocols/persistent/messages.ts";
import { MAX_FRAME_BYTES } from "./framing.ts";

/** A frame ends before it would grow beyond this, unless a single message is larger: what a
 * participant decodes at a time stays small. */
const FRAME_BYTES = 256 * 1024;

/** What a message takes at most beside its payload: a time, a sender of 64 characters, lengths. */
const MESSAGE_HEADER_BYTES = 9 + (2 + 3 * 64) + 5;

const encoder = new TextEncoder();
/** Map of three, "type": "deliver", and the key of the next field. */
const HEAD = Uint8Array.fromHex("83a474797065a764656c69766572a56669727374");
const MESSAGES = encoder.encode("messages");

/** Writes `deliver` frames. */
export class DeliverFrames {
  readonly #buffer = new Uint8Array(4 + MAX_FRAME_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #length = 0;
  #sender = "";
  #senderBytes: Uint8Array = encoder.encode("");

  /** The frames, in memory of their own, that carry `messages`, which are numbered without a gap.
   *
   * @throws {RangeError} A message is larger than a frame may be. */
  encode(messages: readonly Message[]): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let next = 0; next < messages.length;) {
      const end = endOfFrame(messages, next);
      frames.push(this.#frame(messages, next, end));
      next = end;
    }
    return frames;
  }

  #frame(messages: readonly Message[], from: number, end: number): Uint8Array {
    this.#length = 4;
    this.#bytes(HEAD);
    this.#number(messages[from]!.seq);
    this.#buffer[this.#length++] = 0xa0 | MESSAGES.length;
    this.#bytes(MESSAGES);
    this.#array(3 * (end - from));
    for (let i = from; i < end; i++) {
      const { at, sender, payload } = messages[i]!;
      this.#number(at);
      this.#string(sender);
      this.#binary(payload);
    }
    this.#view.setUint32(0, this.#length - 4);
    return this.#buffer.slice(0, this.#length);
  }

  #array(length: number): void {
    if (length < 16) {
      this.#buffer[this.#length++] = 0x90 | length;
    } else if (length <= 0xffff) {
      this.#buffer[this.#length] = 0xdc;
      this.#view.setUint16(this.#length + 1, length);
      this.#length += 3;
    } else {
      this.#buffer[this.#length] = 0xdd;
      this.#view.setUint32(this.#length + 1, length);
      this.#length += 5;
    }
  }

  /** As an integer up to 32 bits, beyond them as a float of the same value. */
  #number(value: number): void {
    const at = this.#length;
    if (value > 0xffff_ffff) {
      this.#buffer[at] = 0xcb;
      this.#view.setFloat64(at + 1, value);
      this.#length = at + 9;
    } else if (value > 0xffff) {
      this.#buffer[at] = 0xce;
      this.#view.setUint32(at + 1, value);
      this.#length = at + 5;
    } else if (value > 0xff) {
      this.#buffer[at] = 0xcd;
      this.#view.setUint16(at + 1, value);
      this.#length = at + 3;
    } else {
      if (value > 0x7f) this.#buffer[this.#length++] = 0xcc;
      this.#buffer[this.#length++] = value;
    }
  }

  #string(value: string): void {
    if (value !== this.#sender) {
      this.#sender = value;
      this.#senderBytes = encoder.encode(value);
    }
    const { length } = this.#senderBytes;
    if (length < 32) {
      this.#buffer[this.#length++] = 0xa0 | length;
    } else {
      this.#buffer[this.#length] = 0xd9;
      this.#buffer[this.#length + 1] = length;
      this.#length += 2;
    }
    this.#bytes(this.#senderBytes);
  }

  #binary(value: Uint8Array): void {
    const { length } = value;
    if (length <= 0xff) {
      this.#buffer[this.#length] = 0xc4;
      this.#buffer[this.#length + 1] = length;
      this.#length += 2;
    } else if (length <= 0xffff) {
      this.#buffer[this.#length] = 0xc5;
      this.#view.setUint16(this.#length + 1, length);
      this.#length += 3;
    } else {
      this.#buffer[this.#length] = 0xc6;
      this.#view.setUint32(this.#length + 1, length);
      this.#length += 5;
    }
    this.#bytes(value);
  }

  #bytes(value: Uint8Array): void {
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }
}

/** The first message that doesn't go into the frame which begins with number `from`. */
function endOfFrame(messages: readonly Message[], from: number): number {
  let sizeBytes = 0;
  let end = from;
  do {
    sizeBytes += MESSAGE_HEADER_BYTES + messages[end++]!.payload.length;
  } while (
    end < messages.length &&
    sizeBytes + MESSAGE_HEADER_BYTES + messages[end]!.payload.length <= FRAME_BYTES
  );
  return end;
}
