/**
 * Long lines for a terminal, broken between words.
 *
 * @module
 */

import { displayWidth } from "./display_width.ts";

/** On a terminal so narrow, breaking between words would leave one word a line. */
const COLUMNS_MIN = 40;

/**
 * Breaks a printable text between words, so that it keeps to the columns.
 *
 * A word that is longer than a line stays whole: the terminal breaks it, and it can still be copied.
 *
 * @param indent Columns before each line: those of the first are taken up by the caller, the others
 *   are blanks here.
 */
export function wrapWords(text: string, indent: number, columns: number): string {
  if (columns < COLUMNS_MIN || indent + displayWidth(text) <= columns) return text;
  let wrapped = "";
  let column = indent;
  let blanks = "";
  for (const word of text.split(/( +)/)) {
    if (word === "") continue;
    if (word.startsWith(" ")) {
      blanks = word;
      continue;
    }
    const width = displayWidth(word);
    const isFirst = column === indent && blanks === "";
    if (!isFirst && column + blanks.length + width > columns) {
      wrapped += `\n${" ".repeat(indent)}`;
      column = indent;
    } else {
      wrapped += blanks;
      column += blanks.length;
    }
    blanks = "";
    wrapped += word;
    column += width;
  }
  return wrapped;
}
