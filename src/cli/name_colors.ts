/**
 * A color for each name, the same at everybody and in every session, as far as there are enough.
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
  return painted(text, hash(name) % COLORS.length);
}

function painted(text: string, color: number): string {
  return `\x1b[1;${COLORS[color]}m${text}\x1b[22;${DEFAULT_COLOR}m`;
}

/** The colors of a group: of two whose names have the same, the later one gets the next that is
 * free. */
export class NameColors {
  readonly #byName = new Map<string, number>();

  /** From now on these have colors of their own, in this sequence. */
  meet(names: readonly string[]): void {
    for (const name of names) {
      if (this.#byName.has(name)) continue;
      const taken = new Set(this.#byName.values());
      const wanted = hash(name) % COLORS.length;
      const free = COLORS.map((_, i) => (wanted + i) % COLORS.length).find((i) => !taken.has(i));
      this.#byName.set(name, free ?? wanted);
    }
  }

  /** The text in bold and in the color of the name. */
  paint(text: string, name: string): string {
    return painted(text, this.#byName.get(name) ?? hash(name) % COLORS.length);
  }
}

/** FNV-1a over code points, finished so that names that differ in their last letter only spread
 * over all colors. */
function hash(name: string): number {
  let sum = FNV_OFFSET;
  for (const character of name) sum = Math.imul(sum ^ character.codePointAt(0)!, FNV_PRIME);
  sum = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
  return (sum ^ (sum >>> 13)) >>> 0;
}
