/**
 * A color for each name, the same at everybody and in every session.
 *
 * @module
 */

/** Foreground colors that can be read on light and dark grounds: all but black, white and gray. */
const COLORS = [31, 32, 33, 34, 35, 36, 91, 92, 94, 95, 96] as const;

const DEFAULT_COLOR = 39;
const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;

/** The text in bold and in the color of the name. */
export function colorByName(text: string, name: string): string {
  const color = COLORS[hash(name) % COLORS.length];
  return `\x1b[1;${color}m${text}\x1b[22;${DEFAULT_COLOR}m`;
}

/** FNV-1a over code points, finished so that names that differ in their last letter only spread
 * over all colors. */
function hash(name: string): number {
  let sum = FNV_OFFSET;
  for (const character of name) sum = Math.imul(sum ^ character.codePointAt(0)!, FNV_PRIME);
  sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
  return (sum ^ (sum >>> 13)) >>> 0;
}
