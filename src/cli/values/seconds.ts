/**
 * Durations that are given in seconds, as the persistence threshold td is.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import type { Millis } from "../../protocols/process.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

const SECONDS_MAX = 1_000_000_000;

/**
 * Reads a number of seconds, up to three decimals allowed.
 *
 * @returns Whole milliseconds.
 * @throws {SyntaxError} If the text is anything else, or more than a billion seconds.
 */
export function parseSeconds(text: string): Millis {
  const seconds = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (seconds <= SECONDS_MAX) return Math.round(seconds * 1000);
  throw new SyntaxError(`expected seconds such as 60 or 0.5, got ${quote(text)}`);
}

/** Writes what {@linkcode parseSeconds} reads. */
export function formatSeconds(ms: Millis): string {
  return String(ms / 1000);
}

/** A value parser for a number of seconds; its value is in milliseconds. */
export function seconds(): ValueParser<"sync", Millis> {
  return valueParser({
    metavar: "SECONDS",
    example: "60",
    parse: parseSeconds,
    format: formatSeconds,
  });
}
