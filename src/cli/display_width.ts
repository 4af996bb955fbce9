/**
 * How many columns of a terminal a text takes.
 *
 * Terminals differ in rare characters. Good enough for where to break a line: those of East Asian
 * scripts and emoji take two columns, those that combine with the one before take none.
 *
 * @module
 */

const NONE = /^[\p{Mn}\p{Me}\u200b-\u200d\u2060\ufeff]$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;
const ASCII_END = "\x7f";

/** Columns of a printable text. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Columns of one printable character (a code point): 0, 1 or 2. */
export function characterWidth(character: string): number {
  if (character < ASCII_END) return 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
