/**
 * Text from outside, made fit for one line of a message.
 *
 * @module
 */

const QUOTED_LENGTH_MAX = 80;
// Control characters, those of C1 included, and the two separators that count as line breaks.
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** The text in double quotes, on one line, cut when it is long; what can't be printed is escaped. */
export function quote(text: string): string {
  const characters = [...text];
  const cut = characters.length <= QUOTED_LENGTH_MAX
    ? text
    : `${characters.slice(0, QUOTED_LENGTH_MAX - 1).join("")}…`;
  return JSON.stringify(cut).replace(UNPRINTABLE, escapeCharacter);
}

/** The text on one line: line breaks and what else can't be printed become single spaces. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, " ").replace(/ {2,}/g, " ").trim();
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
