/**
 * The lines of a participant's log.
 *
 * A message is a line of four columns with tabs between them: its number, its time (ISO 8601, UTC),
 * its sender, and its text. What would break a line or the terminal that shows it is written with a
 * backslash: `\\`, `\t`, `\n`, `\r`, and `\xHH` for each byte of another control character and for
 * each byte that isn't UTF-8. So every payload can be read back, byte by byte.
 *
 * Lines that begin with `#` are remarks. Two kinds of them count when a log is continued:
 *
 * ```text
 * # store STORE after SEQ for ID
 * # deregistered
 * ```
 *
 * @module
 */

import type { MemberId, Message } from "../protocols/persistent/messages.ts";
import { type LineBuffer, printableAscii } from "./line_buffer.ts";

// Control characters, those of C1 included; the separators that some programs take for line breaks;
// and the backslash itself.
// deno-lint-ignore no-control-regex
const SPECIAL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/;
const ALL_SPECIAL = new RegExp(SPECIAL, "g");

/** What is written as it is: nearly everything that nearly everybody sends. */
const PLAIN = printableAscii("\\");

const SHORT: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** What a remark says that counts. */
export type Remark =
  /** From here on messages are those of this store; those up to `after` are not needed. */
  | {
    readonly type: "store";
    readonly store: string;
    readonly after: number;
    readonly id: MemberId;
  }
  /** It is no member any more. */
  | { readonly type: "deregistered" };

/** Writes the lines of messages. */
export class MessageLineWriter {
  readonly #lines: LineBuffer;
  #at = NaN;
  /** Of `#at`, with tabs around it: messages that come together often have the same. */
  #time = "";

  constructor(lines: LineBuffer) {
    this.#lines = lines;
  }

  /** The line of a message, with its line break. */
  write({ seq, at, sender, payload }: Message): void {
    const lines = this.#lines;
    if (at !== this.#at) {
      this.#at = at;
      this.#time = `\t${new Date(at).toISOString()}\t`;
    }
    lines.number(seq);
    lines.text(this.#time);
    lines.text(sender);
    lines.text("\t");
    if (!lines.plain(payload, PLAIN)) lines.text(formatPayload(payload));
    lines.text("\n");
  }
}

/** The line of a remark, with its line break. */
export function formatRemarkLine(remark: Remark): string {
  if (remark.type === "deregistered") return "# deregistered\n";
  return `# store ${remark.store} after ${remark.after} for ${remark.id}\n`;
}

/** Reads a line that begins with `#`, without its line break; null if it doesn't count. */
export function parseRemarkLine(line: string): Remark | null {
  if (line === "# deregistered") return { type: "deregistered" };
  const [, store, after, id] = /^# store (\S+) after (\d{1,15}) for (\S+)$/.exec(line) ?? [];
  if (store === undefined || after === undefined || id === undefined) return null;
  return { type: "store", store, after: Number(after), id };
}

/** A payload as the text of one line. */
export function formatPayload(payload: Uint8Array): string {
  const text = decodeUtf8(payload);
  if (text === null) return Array.from(splitUtf8(payload), formatPiece).join("");
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, escapeCharacter) : text;
}

/** Reads back what {@linkcode formatPayload} has written. */
export function parsePayload(text: string): Uint8Array {
  const long: Readonly<Record<string, string>> = { "\\": "\\", t: "\t", n: "\n", r: "\r" };
  const bytes: number[] = [];
  for (const [piece, hex, short] of text.matchAll(/\\(?:x([0-9a-f]{2})|([\\tnr]))|[^\\]+/g)) {
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else bytes.push(...encoder.encode(short === undefined ? piece : long[short]!));
  }
  return Uint8Array.from(bytes);
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Cuts bytes into whole characters and single bytes that belong to none. */
function* splitUtf8(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) =>
      at + length <= bytes.length && decodeUtf8(bytes.subarray(at, at + length)) !== null
    ) ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function formatPiece(piece: Uint8Array): string {
  const text = decodeUtf8(piece);
  return text === null ? hex(piece) : text.replace(ALL_SPECIAL, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return SHORT[character] ?? hex(encoder.encode(character));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
