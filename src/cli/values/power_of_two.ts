/**
 * Powers of two, for sizes of rings.
 *
 * @module
 */

import type { NonEmptyString } from "@optique/core/nonempty";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";
import type { Bounds } from "./whole_number.ts";

/**
 * Reads a power of two in decimal digits.
 *
 * @throws {RangeError} If the text is anything else or out of bounds; the message quotes it.
 */
export function parsePowerOfTwo(text: string, { min, max }: Bounds): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max && (number & (number - 1)) === 0) return number;
  throw new RangeError(`expected a power of two from ${min} to ${max}, got ${quote(text)}`);
}

/** A value parser for a power of two within bounds, which are powers of two as well. */
export function powerOfTwo(
  metavar: NonEmptyString,
  bounds: Bounds,
): ValueParser<"sync", number> {
  return valueParser({
    metavar,
    example: `${bounds.min}`,
    parse: (text) => parsePowerOfTwo(text, bounds),
    format: String,
  });
}
