/**
 * Lines of text, gathered as the bytes of UTF-8 that they are written as: where each message is a
 * line, strings in between would cost more than all else that is done with it.
 *
 * ```ts
 * import { LineBuffer } from "./line_buffer.ts";
 *
 * const lines = new LineBuffer();
 * lines.number(7);
 * lines.text(" é\n");
 * console.assert(new TextDecoder().decode(lines.take()) === "7 é\n");
 * console.assert(lines.isEmpty);
 * ```
 *
 * @module
 */

const CAPACITY_BYTES = 4096;
/** The digits of the largest whole number that a number holds exactly. */
const MAX_DIGITS = 16;
/** A character takes so many bytes at most. */
const MAX_CHARACTER_BYTES = 3;

const encoder = new TextEncoder();

/** Which bytes stand for themselves, by their value. */
export type PlainBytes = Readonly<Uint8Array>;

/** The printable characters of ASCII, but for some of them. */
export function printableAscii(except = ""): PlainBytes {
  const plain = new Uint8Array(256);
  for (let byte = 0x20; byte < 0x7f; byte++) {
    plain[byte] = except.includes(String.fromCharCode(byte)) ? 0 : 1;
  }
  return plain;
}

/** Lines to be written. */
export class LineBuffer {
  #bytes = new Uint8Array(CAPACITY_BYTES);
  #length = 0;

  /** Whether there is nothing to write. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** A whole number from 0 on, in decimal digits. */
  number(value: number): void {
    this.#reserve(MAX_DIGITS);
    const bytes = this.#bytes;
    const start = this.#length;
    let end = start;
    do {
      const rest = Math.floor(value / 10);
      bytes[end++] = value - 10 * rest + 0x30;
      value = rest;
    } while (value > 0);
    this.#length = end;
    for (let low = start, high = end - 1; low < high; low++, high--) {
      const digit = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = digit;
    }
  }

  /** Any text. */
  text(text: string): void {
    this.#reserve(MAX_CHARACTER_BYTES * text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        const { written } = encoder.encodeInto(text.slice(i), this.#bytes.subarray(this.#length));
        this.#length += written;
        return;
      }
      this.#bytes[this.#length++] = code;
    }
  }

  /** Bytes as they are, if all of them stand for themselves; otherwise nothing.
   *
   * @returns whether they do. */
  plain(from: Uint8Array, plain: PlainBytes): boolean {
    this.#reserve(from.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < from.length; i++) {
      const byte = from[i]!;
      if (plain[byte] === 0) return false;
      bytes[at++] = byte;
    }
    this.#length = at;
    return true;
  }

  /** All that was gathered, in memory of its own. The buffer is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > 16 * CAPACITY_BYTES) this.#bytes = new Uint8Array(CAPACITY_BYTES);
    return taken;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
