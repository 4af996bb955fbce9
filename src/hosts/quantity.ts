/**
 * Durations and percentages as people write them: `250ms`, `1.5s`, `1%`.
 *
 * A unit is never optional: whether a bare `250` means milliseconds or seconds is a guess that an
 * experiment can't afford. Decimals are scaled in decimal, so `70us` is exactly the number `0.07`
 * and what is formatted reads back as the same number.
 *
 * ```ts
 * import { formatDuration, parseDuration, parsePercentage } from "./quantity.ts";
 *
 * console.assert(parseDuration("1.5s") === 1500);
 * console.assert(formatDuration(0.25) === "250us");
 * console.assert(parsePercentage("1%") === 0.01);
 * ```
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** A span of time that a value is drawn from, in milliseconds; `minMs <= maxMs`. */
export interface DurationRange {
  /** The shortest, in milliseconds. */
  readonly minMs: Millis;
  /** The longest, in milliseconds. */
  readonly maxMs: Millis;
}

const NUMBER = /^(?:\d+(?:\.\d+)?|\.\d+)$/;
const DURATION = /^(\d+(?:\.\d+)?|\.\d+)(us|ms|s|m)$/;
const PERCENTAGE = /^(\d+(?:\.\d+)?|\.\d+)%$/;
const MINUTE_MS = 60_000;

/** The longest duration that can be written, in milliseconds: 2^31 - 1, nearly 25 days. Beyond it
 * a JavaScript timer fires at once, which would turn a very long timeout into none. */
export const LONGEST_MS: Millis = 2 ** 31 - 1;

/**
 * Reads a duration: a number, decimals allowed, and one of the units `us`, `ms`, `s` and `m`.
 *
 * @returns Milliseconds, from 0 to {@linkcode LONGEST_MS}.
 * @throws {SyntaxError} If the text is anything else; the message is one line and quotes the text.
 */
export function parseDuration(text: string): Millis {
  const [, digits, unit] = DURATION.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw notADuration(text);
  const ms = durationMs(digits, unit);
  if (ms > LONGEST_MS) throw new SyntaxError(`${quote(text)} is too long: use at most 24 days`);
  return ms;
}

/**
 * Reads one duration, `20ms`, or two, `5-20ms` or `500us-2ms`; the first of two may leave its unit
 * to the second.
 *
 * @throws {SyntaxError} If the text is anything else, or if the first is longer than the second.
 */
export function parseDurationRange(text: string): DurationRange {
  const dash = text.indexOf("-");
  if (dash <= 0) {
    const ms = parseDuration(text);
    return { minMs: ms, maxMs: ms };
  }
  const first = text.slice(0, dash);
  const second = text.slice(dash + 1);
  const maxMs = parseDuration(second);
  const unit = DURATION.exec(second)?.[2] ?? "";
  const minMs = parseDuration(NUMBER.test(first) ? first + unit : first);
  if (minMs > maxMs) {
    throw new SyntaxError(`The range ${quote(text)} begins above its end`);
  }
  return { minMs, maxMs };
}

/**
 * Writes a duration in the largest of `us`, `ms` and `s` in which it is at least 1, and whole
 * minutes in `m`. It is rounded to the nanosecond; {@linkcode parseDuration} reads it back.
 *
 * @throws {RangeError} If the duration is negative or not finite.
 */
export function formatDuration(ms: Millis): string {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`Not a duration in milliseconds: ${ms}`);
  if (ms >= MINUTE_MS && ms % MINUTE_MS === 0) return `${ms / MINUTE_MS}m`;
  const rounded = ms.toFixed(6);
  if (Number(rounded) === 0) return "0ms";
  if (ms < 1) return `${Number(`${rounded}e3`)}us`;
  if (ms < 1000) return `${Number(rounded)}ms`;
  return `${Number(`${rounded}e-3`)}s`;
}

/**
 * Reads a percentage from `0%` to `100%`, decimals allowed.
 *
 * @returns A share from 0 to 1.
 * @throws {SyntaxError} If the text is anything else; the message is one line and quotes the text.
 */
export function parsePercentage(text: string): number {
  const digits = PERCENTAGE.exec(text)?.[1];
  if (digits === undefined) throw notAPercentage(text);
  const share = Number(`${digits}e-2`);
  if (share > 1) throw new SyntaxError(`${quote(text)} is more than 100%`);
  return share;
}

/**
 * Writes a share from 0 to 1 as a percentage, rounded to a millionth of a percent;
 * {@linkcode parsePercentage} reads it back.
 *
 * @throws {RangeError} If the share is not between 0 and 1.
 */
export function formatPercentage(share: number): string {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`Not a share between 0 and 1: ${share}`);
  return `${Number(`${share.toFixed(8)}e2`)}%`;
}

/** Scales by shifting the decimal point, so that no rounding creeps in. */
function durationMs(digits: string, unit: string): Millis {
  switch (unit) {
    case "us":
      return Number(`${digits}e-3`);
    case "ms":
      return Number(digits);
    case "s":
      return Number(`${digits}e3`);
    default:
      return Number(digits) * MINUTE_MS;
  }
}

function notADuration(text: string): SyntaxError {
  if (text === "") return new SyntaxError("A duration is empty: write one such as 250ms");
  if (NUMBER.test(text)) {
    return new SyntaxError(`${quote(text)} has no unit: write ${text}ms or ${text}s`);
  }
  if (DURATION.test(text.replace(/^-/, ""))) {
    return new SyntaxError(`${quote(text)} is negative: a duration is 0 or more`);
  }
  return new SyntaxError(
    `${quote(text)} is not a duration: write a number and a unit (us, ms, s, m), such as 250ms`,
  );
}

function notAPercentage(text: string): SyntaxError {
  if (text === "") return new SyntaxError("A percentage is empty: write one such as 1%");
  if (NUMBER.test(text)) {
    return new SyntaxError(`${quote(text)} has no percent sign: write ${percentHint(text)}`);
  }
  if (PERCENTAGE.test(text.replace(/^-/, ""))) {
    return new SyntaxError(`${quote(text)} is negative: a percentage is from 0% to 100%`);
  }
  return new SyntaxError(
    `${
      quote(text)
    } is not a percentage: write a number from 0 to 100 and a percent sign, such as 1%`,
  );
}

/** `0.01` is most likely a share; `5` is most likely a percentage. */
function percentHint(text: string): string {
  const value = Number(text);
  return value <= 1 ? `${formatPercentage(value)} for a share of ${text}` : `${text}%`;
}

/** In quotes and on one line, whatever the text holds. */
function quote(text: string): string {
  return JSON.stringify(text);
}
