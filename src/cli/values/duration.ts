/**
 * Durations and intervals on the command line, within bounds.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import {
  type DurationRange,
  formatDuration,
  parseDuration,
  parseDurationRange,
} from "../../hosts/quantity.ts";
import type { Millis } from "../../protocols/process.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads a duration within bounds, such as `250ms` or `2m`.
 *
 * @throws {SyntaxError} If the text is not a duration.
 * @throws {RangeError} If the duration is out of bounds; the message says which will do.
 */
export function parseBoundedDuration(text: string, { minMs, maxMs }: DurationRange): Millis {
  const ms = parseDuration(text);
  if (ms >= minMs && ms <= maxMs) return ms;
  throw new RangeError(`expected ${describe({ minMs, maxMs })}, got ${quote(text)}`);
}

/**
 * Reads an interval of at most `maxMs`: a duration, `10ms`, or a range that each one is drawn from,
 * `5-20ms` or `5ms-1s`.
 *
 * @throws {SyntaxError} If the text is neither.
 * @throws {RangeError} If the interval may be longer than `maxMs`.
 */
export function parseInterval(text: string, maxMs: Millis): DurationRange {
  const range = parseDurationRange(text);
  if (range.maxMs <= maxMs) return range;
  throw new RangeError(`expected ${describe({ minMs: 0, maxMs })}, got ${quote(text)}`);
}

/** Writes an interval as {@linkcode parseInterval} reads it. */
export function formatInterval({ minMs, maxMs }: DurationRange): string {
  if (minMs === maxMs) return formatDuration(minMs);
  const first = formatDuration(minMs);
  const second = formatDuration(maxMs);
  const sameUnit = first.replace(/[\d.]+/, "") === second.replace(/[\d.]+/, "");
  return `${sameUnit ? parseFloat(first) : first}-${second}`;
}

/** A value parser for a duration within bounds; its value is in milliseconds. */
export function duration(bounds: DurationRange): ValueParser<"sync", Millis> {
  return valueParser({
    metavar: "DURATION",
    example: formatDuration(bounds.minMs),
    parse: (text) => parseBoundedDuration(text, bounds),
    format: formatDuration,
  });
}

/** A value parser for an interval of at most `maxMs`. */
export function interval(maxMs: Millis): ValueParser<"sync", DurationRange> {
  return valueParser({
    metavar: "INTERVAL",
    example: "0ms",
    parse: (text) => parseInterval(text, maxMs),
    format: formatInterval,
  });
}

function describe({ minMs, maxMs }: DurationRange): string {
  return `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
}
