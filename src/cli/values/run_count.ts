/**
 * How many runs a campaign has.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";
import { parseWholeNumber } from "./whole_number.ts";

const FOREVER = "forever";
const RUNS_MAX = 1_000_000_000;

/**
 * Reads a number of runs, or `forever`.
 *
 * @returns Infinity for `forever`.
 * @throws {RangeError} If the text is neither; the message quotes it.
 */
export function parseRunCount(text: string): number {
  if (text === FOREVER) return Infinity;
  try {
    return parseWholeNumber(text, { min: 1, max: RUNS_MAX });
  } catch {
    throw new RangeError(
      `expected a whole number from 1 to ${RUNS_MAX}, or ${FOREVER}, got ${quote(text)}`,
    );
  }
}

/** A value parser for a number of runs. */
export function runCount(): ValueParser<"sync", number> {
  return valueParser({
    metavar: "K",
    example: "1",
    parse: parseRunCount,
    format: (runs) => runs === Infinity ? FOREVER : String(runs),
    complete: () => [FOREVER],
  });
}
