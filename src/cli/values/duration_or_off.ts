/**
 * Durations of what may as well be switched off: `10s`, or `off`.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { type DurationRange, formatDuration } from "../../hosts/quantity.ts";
import type { Millis } from "../../protocols/process.ts";
import { parseBoundedDuration } from "./duration.ts";
import { valueParser } from "./value_parser.ts";

const OFF = "off";

/** A value parser for a duration within bounds; its value is in milliseconds, null for `off`. */
export function durationOrOff(bounds: DurationRange): ValueParser<"sync", Millis | null> {
  return valueParser({
    metavar: "DURATION",
    example: formatDuration(bounds.minMs),
    parse: (text) => text === OFF ? null : parseBoundedDuration(text, bounds),
    format: (ms) => ms === null ? OFF : formatDuration(ms),
    complete: () => [OFF],
  });
}
