/**
 * Whole numbers within bounds.
 *
 * @module
 */

import type { NonEmptyString } from "@optique/core/nonempty";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/** The least and the greatest number that will do, both safe integers of 0 or more. */
export interface Bounds {
  /** The least. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
}

/**
 * Reads a whole number in decimal digits, without sign, exponent, fraction or spaces.
 *
 * @throws {RangeError} If the text is anything else or out of bounds; the message says which
 *   numbers will do and quotes the text.
 */
export function parseWholeNumber(text: string, { min, max }: Bounds): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new RangeError(`expected a whole number from ${min} to ${max}, got ${quote(text)}`);
}

/** A value parser for a whole number within bounds. */
export function wholeNumber(
  metavar: NonEmptyString,
  bounds: Bounds,
): ValueParser<"sync", number> {
  return valueParser({
    metavar,
    example: `${bounds.min}`,
    parse: (text) => parseWholeNumber(text, bounds),
    format: String,
  });
}
