/**
 * How often something happens on average: `2/s`, `0.5/s`, `30/min`, or `off`.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

const OFF = "off";
const RATE = /^(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})\/(s|min|h)$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 };

/** The greatest rate, a second. */
export const RATE_MAX = 1000;

/** The least rate above 0, a second: once an hour. */
const RATE_MIN = 1 / 3600;

/**
 * Reads a rate: a number, decimals allowed, and one of the units `/s`, `/min` and `/h`; or `off`.
 *
 * @returns How many a second; 0 for `off`.
 * @throws {SyntaxError} If the text is anything else; the message quotes it.
 * @throws {RangeError} If it is less than 1/h or more than 1000/s.
 */
export function parseRate(text: string): number {
  if (text === OFF) return 0;
  const [, digits, unit] = RATE.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new SyntaxError(
      `expected a rate such as 2/s, 0.5/s or 30/min, or off, got ${quote(text)}`,
    );
  }
  const perSecond = Number(digits) / UNIT_SECONDS[unit]!;
  if (perSecond >= RATE_MIN && perSecond <= RATE_MAX) return perSecond;
  throw new RangeError(`expected a rate from 1/h to ${RATE_MAX}/s, or off, got ${quote(text)}`);
}

/** Writes a rate in the smallest unit in which it is at least 1, rounded to a millionth;
 * {@linkcode parseRate} reads it back. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return OFF;
  const unit = perSecond >= 1 ? "s" : perSecond * 60 >= 1 ? "min" : "h";
  return `${Number((perSecond * UNIT_SECONDS[unit]!).toFixed(6))}/${unit}`;
}

/** A value parser for a rate; its value is how many a second, 0 for `off`. */
export function rate(): ValueParser<"sync", number> {
  return valueParser({
    metavar: "RATE",
    example: "1/s",
    parse: parseRate,
    format: formatRate,
    complete: () => [OFF],
  });
}
