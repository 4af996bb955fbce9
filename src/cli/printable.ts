/**
 * Text of others, made fit for the terminal.
 *
 * @module
 */

// Control characters, those of C1 included; the separators that count as line breaks; and what
// turns the direction of the text around it, with which one line can be made to look like another.
// deno-lint-ignore no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u2028-\u202e\u200e\u200f\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * The text on one line, with nothing in it that moves the cursor, changes colors or rings: what
 * would is written out, as `\n` or `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? written(character));
}

function written(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
