/**
 * Lists of names: `a` or `a,b,c`.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { parseName } from "./name.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads one name or several with commas between them; they keep their sequence.
 *
 * @throws {SyntaxError} If one of them is no name, or comes twice; the message names it.
 */
export function parseNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const word of text.split(",")) {
    const name = parseName(word);
    if (names.includes(name)) throw new SyntaxError(`${name} is given twice`);
    names.push(name);
  }
  return names;
}

/** A value parser for one name or several. */
export function names(): ValueParser<"sync", readonly string[]> {
  return valueParser({
    metavar: "NAME,...",
    example: "a",
    parse: parseNames,
    format: (names) => names.join(","),
  });
}
