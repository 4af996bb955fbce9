/**
 * Ranges of whole numbers: `5` or `1..5`.
 *
 * @module
 */

import type { NonEmptyString } from "@optique/core/nonempty";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";
import { type Bounds, parseWholeNumber } from "./whole_number.ts";

/** All whole numbers from the first to the last. */
export interface NumberRange {
  /** The first. */
  readonly first: number;
  /** The last; not below the first. */
  readonly last: number;
}

/**
 * Reads a whole number, or two with `..` between them.
 *
 * @throws {RangeError} If the text is anything else, a number is out of bounds, or the second is below
 *   the first; the message quotes the text.
 */
export function parseNumberRange(text: string, bounds: Bounds): NumberRange {
  const ends = text.split("..");
  try {
    const [first, last = first] = ends.map((end) => parseWholeNumber(end, bounds));
    if (ends.length <= 2 && first! <= last!) return { first: first!, last: last! };
  } catch {
    // What is wrong with one end is said below, about both.
  }
  const { min, max } = bounds;
  throw new RangeError(
    `expected a whole number from ${min} to ${max}, or a range such as ${min}..${max}, got ${
      quote(text)
    }`,
  );
}

/** Writes a range as {@linkcode parseNumberRange} reads it. */
export function formatNumberRange({ first, last }: NumberRange): string {
  return first === last ? String(first) : `${first}..${last}`;
}

/** A value parser for a whole number within bounds, or a range of them. */
export function numberRange(
  metavar: NonEmptyString,
  bounds: Bounds,
): ValueParser<"sync", NumberRange> {
  return valueParser({
    metavar,
    example: `${bounds.min}`,
    parse: (text) => parseNumberRange(text, bounds),
    format: formatNumberRange,
  });
}
