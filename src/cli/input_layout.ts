/**
 * Where the characters of a line that is being typed stand on the terminal.
 *
 * @module
 */

import { characterWidth } from "./display_width.ts";

/** So many rows are shown of a long line: those around the cursor. */
const ROWS_MAX = 6;

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/g;

/** A prompt and what is typed after it, as rows of a terminal. */
export interface InputLayout {
  /** What to print, top to bottom. */
  readonly rows: readonly string[];
  /** Which of the rows the cursor is in, from 0. */
  readonly cursorRow: number;
  /** Which column it is in, from 0. */
  readonly cursorColumn: number;
}

/**
 * Lays out a line. The last column stays free: a terminal may or may not move on to the next row
 * after it.
 *
 * @param cursor How many UTF-16 code units of the line are before the cursor.
 */
export function layOutInput(
  prompt: string,
  line: string,
  cursor: number,
  columns: number,
): InputLayout {
  const room = Math.max(columns - 1, 2);
  const rows = [""];
  let column = 0;
  const put = (text: string) => {
    for (const character of text) {
      const width = characterWidth(character);
      if (column + width > room) {
        rows.push("");
        column = 0;
      }
      rows[rows.length - 1] += character;
      column += width;
    }
  };
  put(prompt);
  put(visible(line.slice(0, cursor)));
  const cursorRow = rows.length - 1;
  const cursorColumn = column;
  put(visible(line.slice(cursor)));
  const first = Math.max(0, Math.min(cursorRow - ROWS_MAX + 2, rows.length - ROWS_MAX));
  return { rows: rows.slice(first, first + ROWS_MAX), cursorRow: cursorRow - first, cursorColumn };
}

/** One visible character for each control character, such as a tab that was pasted. */
function visible(text: string): string {
  return text.replace(
    CONTROL,
    (c) => c === "\x7f" ? "\u2421" : codePoint(0x2400 + c.charCodeAt(0)),
  );
}

function codePoint(code: number): string {
  return String.fromCodePoint(code);
}
