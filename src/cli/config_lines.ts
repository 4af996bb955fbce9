/**
 * Config files of few lines, each with a meaning of its own: those of the coordinator and of
 * participants.
 *
 * Lines are trimmed and may end in CRLF. Blank ones, and those that begin with `#`, don't count.
 *
 * @module
 */

import { readBoundedFile } from "../hosts/bounded_file.ts";
import { fileReason } from "../hosts/file_reason.ts";

/** The longest file that is read, in bytes. */
const LONGEST_FILE_BYTES = 64 * 1024;

/** What one line must be. */
export interface ConfigLine<T> {
  /** In a few words, for who has forgotten it: `a port`. */
  readonly what: string;
  /** Reads it; throws a SyntaxError or a RangeError with a one-line message otherwise. */
  readonly parse: (text: string) => T;
}

/** What each line must be. */
export type ConfigShape<T extends readonly unknown[]> = {
  readonly [Key in keyof T]: ConfigLine<T[Key]>;
};

/**
 * Reads a config file.
 *
 * @throws {SyntaxError} If a line is wrong, missing or too many; the message is one line with file
 *   and line.
 * @throws {Error} If it can't be read; the message is one line and names the file.
 */
export async function loadConfig<const T extends readonly unknown[]>(
  path: string,
  shape: ConfigShape<T>,
): Promise<T> {
  return parseConfig(await readText(path), path, shape);
}

/**
 * Reads the text of a config file.
 *
 * @param fileName What the messages are to call it.
 * @throws {SyntaxError} as {@linkcode loadConfig}: `a.conf:3: ...`.
 */
export function parseConfig<const T extends readonly unknown[]>(
  text: string,
  fileName: string,
  shape: ConfigShape<T>,
): T {
  const rows = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const values: unknown[] = [];
  const wrong = (index: number, reason: string) =>
    new SyntaxError(`${fileName}:${index + 1}: ${reason}`);
  for (const [index, row] of rows.entries()) {
    const content = row.trim();
    if (content === "" || content.startsWith("#")) continue;
    const line: ConfigLine<unknown> | undefined = shape[values.length];
    if (line === undefined) throw wrong(index, "expected nothing more");
    try {
      values.push(line.parse(content));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      throw wrong(index, error.message);
    }
  }
  const missing = shape[values.length];
  if (missing === undefined) return values as unknown as T;
  const end = rows.at(-1)!.trim() === "" ? rows.length - 1 : rows.length;
  throw wrong(end, `expected ${missing.what}, found the end of the file`);
}

async function readText(path: string): Promise<string> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBoundedFile(path, LONGEST_FILE_BYTES);
  } catch (error) {
    throw new Error(`${path}: ${fileReason(error)}`);
  }
  if (bytes === null) throw new Error(`${path}: too long for a config file`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: not a text file in UTF-8`);
  }
}
