/**
 * What the processes of an experiment say to each other: sender, sequence number and text, so that
 * a payload can be checked when it is delivered, and read in a packet dump.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { MAX_MESSAGE_BYTES } from "../protocols/frame.ts";
import type { ProcessId } from "../protocols/process.ts";

const TEXT = "the quick brown fox jumps over the lazy dog and the lamp goes on and on; ";

const encoder = new TextEncoder();

/** Makes and checks the payloads of one run, all of the same size. */
export class Payloads {
  readonly #sizeBytes: number;
  /** The text, long enough to be cut out at any of its positions. */
  readonly #text: Uint8Array;

  /**
   * @param sizeBytes Payloads have this size exactly; below some 20 bytes they are cut short.
   * @throws {RangeError} The size is negative or above 1 MiB.
   */
  constructor(sizeBytes: number) {
    if (!(sizeBytes >= 0 && sizeBytes <= MAX_MESSAGE_BYTES)) {
      throw new RangeError(`A payload can't have ${sizeBytes} bytes`);
    }
    this.#sizeBytes = sizeBytes;
    this.#text = encoder.encode(TEXT.repeat(Math.ceil(sizeBytes / TEXT.length) + 2));
  }

  /** The payload of message `seq` of `sender`: `3:17 fox jumps over...`. */
  make(sender: ProcessId, seq: number): Uint8Array {
    const payload = new Uint8Array(this.#sizeBytes);
    const at = writeHead(payload, sender, seq);
    const offset = textOffset(sender, seq);
    payload.set(this.#text.subarray(offset, offset + payload.length - at), at);
    return payload;
  }

  /** Is this the payload of message `seq` of `sender`, to the last byte? */
  check(sender: ProcessId, seq: number, payload: Uint8Array): boolean {
    if (payload.length !== this.#sizeBytes) return false;
    const at = writeHead(this.#head.subarray(0, payload.length), sender, seq);
    for (let i = 0; i < at; i++) {
      if (payload[i] !== this.#head[i]) return false;
    }
    const offset = textOffset(sender, seq);
    const text = this.#text.subarray(offset, offset + payload.length - at);
    // A loop over the bytes would take ten times as long.
    return Buffer.compare(payload.subarray(at), text) === 0;
  }

  readonly #head = new Uint8Array(32);
}

/** The text begins elsewhere in each message, so that two of them can't be taken for each other. */
function textOffset(sender: ProcessId, seq: number): number {
  return (sender * 7 + seq) % TEXT.length;
}

/** Writes `SENDER:SEQ `, as far as there is room. Returns where it ends. */
function writeHead(into: Uint8Array, sender: ProcessId, seq: number): number {
  let at = writeDecimal(into, 0, sender);
  if (at < into.length) into[at++] = 0x3a;
  at = writeDecimal(into, at, seq);
  if (at < into.length) into[at++] = 0x20;
  return at;
}

function writeDecimal(into: Uint8Array, at: number, value: number): number {
  let power = 1;
  while (power * 10 <= value) power *= 10;
  for (; power >= 1 && at < into.length; power /= 10) {
    into[at++] = 0x30 + Math.floor(value / power) % 10;
  }
  return at;
}
