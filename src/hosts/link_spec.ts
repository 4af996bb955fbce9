/**
 * What a network link does to the datagrams that cross it in one direction: the knobs, their
 * written form, and how two specifications are combined.
 *
 * ```ts
 * import { combineLinks, formatLinkSpec, parseLinkSpec, PERFECT_LINK } from "./link_spec.ts";
 *
 * const link = combineLinks(PERFECT_LINK, parseLinkSpec("delay=40ms,loss=1%"));
 * console.assert(link.delayMs === 40 && link.lossRate === 0.01 && link.jitterMs === 0);
 * console.assert(formatLinkSpec(link) === "delay=40ms,loss=1%");
 * ```
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { formatDuration, formatPercentage, parseDuration, parsePercentage } from "./quantity.ts";

/**
 * One direction of a link. All knobs are 0 by default, which is a link that adds nothing to what
 * the real network does.
 *
 * The decisions for each datagram are independent of those for all others, and are made in the
 * order lost, duplicated, delayed, held back; see {@link ./link_fate.ts}.
 */
export interface LinkSpec {
  /**
   * `delay`: the mean time on the way, one way, in milliseconds. A round trip takes the delays of
   * both directions. It comes on top of what the real network takes.
   *
   * Trade-off: more makes concurrent messages cross more often, and so shows more disorder, and
   * makes every run longer: a total order costs two of these at least.
   */
  readonly delayMs: Millis;
  /**
   * `jitter`: half the width of the delay's distribution, in milliseconds: the delay is uniform in
   * `[delay - jitter, delay + jitter]`, and what falls below 0 is 0. So jitter may exceed the
   * delay; the mean is then above `delay`.
   *
   * Trade-off: datagrams sent within `2 * jitter` of each other may overtake each other. 0 keeps
   * the order in which they were sent.
   */
  readonly jitterMs: Millis;
  /**
   * `loss`: the probability that a datagram never arrives, from 0 to 1.
   *
   * Trade-off: 1 % to 5 % is a bad wide-area network; at 20 % retransmission is put to the test;
   * 1 cuts the link.
   */
  readonly lossRate: number;
  /**
   * `duplicate`: the probability that a datagram that isn't lost arrives twice, from 0 to 1. The
   * copy draws a delay of its own, so with jitter the two arrive at different times.
   *
   * Trade-off: a share of `duplicate` more traffic; real networks stay far below 1 %.
   */
  readonly duplicateRate: number;
  /**
   * `reorder`: the probability that a datagram, or its copy, is held back further so that later
   * ones overtake it, from 0 to 1. The additional time is uniform in
   * `[0, max(delay, 2 * jitter, 5 ms)]`, see {@linkcode holdBackMs}.
   *
   * Trade-off: it reorders a chosen share where jitter reorders nearly everything; it makes the
   * mean delay longer by `reorder * max(delay, 2 * jitter, 5 ms) / 2`.
   */
  readonly reorderRate: number;
}

/** A link that adds nothing: no delay, no loss, nothing doubled or held back. */
export const PERFECT_LINK: LinkSpec = Object.freeze({
  delayMs: 0,
  jitterMs: 0,
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
});

/** How a knob is called, read and written. */
interface Knob {
  readonly field: keyof LinkSpec;
  readonly parse: (text: string) => number;
  readonly format: (value: number) => string;
}

const KNOBS: ReadonlyMap<string, Knob> = new Map<string, Knob>([
  ["delay", { field: "delayMs", parse: parseDuration, format: formatDuration }],
  ["jitter", { field: "jitterMs", parse: parseDuration, format: formatDuration }],
  ["loss", { field: "lossRate", parse: parsePercentage, format: formatPercentage }],
  ["duplicate", { field: "duplicateRate", parse: parsePercentage, format: formatPercentage }],
  ["reorder", { field: "reorderRate", parse: parsePercentage, format: formatPercentage }],
]);

const KEYS = [...KNOBS.keys()].join(", ");

/**
 * Reads `delay=40ms,jitter=5ms,loss=1%,duplicate=1%,reorder=1%`, or any part of it in any order.
 *
 * @returns The knobs that were named, and no others; {@linkcode combineLinks} completes them.
 * @throws {SyntaxError} If the text is empty, a key is unknown or comes twice, or a value is
 *   missing or bad; the message is one line and names the key.
 */
export function parseLinkSpec(text: string): Partial<LinkSpec> {
  if (text === "") {
    throw new SyntaxError("A link is empty: write one such as delay=40ms,jitter=5ms,loss=1%");
  }
  const spec: { -readonly [Field in keyof LinkSpec]?: number } = {};
  for (const item of text.split(",")) {
    const equals = item.indexOf("=");
    const key = equals < 0 ? item : item.slice(0, equals);
    const value = equals < 0 ? "" : item.slice(equals + 1);
    const knob = KNOBS.get(key);
    if (knob === undefined) throw unknownKey(key);
    if (value === "") throw new SyntaxError(`The link's ${key} has no value`);
    if (spec[knob.field] !== undefined) throw new SyntaxError(`The link's ${key} is given twice`);
    spec[knob.field] = parseValue(key, knob, value);
  }
  return spec;
}

/** Writes the knobs that are not 0, and `delay=0ms` for a perfect link; the inverse of
 * {@linkcode parseLinkSpec} and {@linkcode combineLinks} with a perfect link. */
export function formatLinkSpec(spec: LinkSpec): string {
  const items: string[] = [];
  for (const [key, { field, format }] of KNOBS) {
    if (spec[field] !== 0) items.push(`${key}=${format(spec[field])}`);
  }
  return items.length === 0 ? "delay=0ms" : items.join(",");
}

/** Writes all knobs that are named, those that are 0 too; the inverse of {@linkcode parseLinkSpec}. */
export function formatLinkOverride(override: Partial<LinkSpec>): string {
  const items: string[] = [];
  for (const [key, { field, format }] of KNOBS) {
    const value = override[field];
    if (value !== undefined) items.push(`${key}=${format(value)}`);
  }
  return items.join(",");
}

/** The base with the override's knobs in place of its own, knob by knob. An override of 0 counts:
 * it makes a link better. */
export function combineLinks(base: LinkSpec, override: Partial<LinkSpec>): LinkSpec {
  return { ...base, ...override };
}

/** Whether a datagram crosses such a link untouched and at once. */
export function isPerfect(spec: LinkSpec): boolean {
  return spec.delayMs === 0 && spec.jitterMs === 0 && spec.lossRate === 0 &&
    spec.duplicateRate === 0 && spec.reorderRate === 0;
}

/** The longest additional time for which `reorder` holds a datagram back, in milliseconds. The
 * floor of 5 ms lets it work on links without delay too. */
export function holdBackMs(spec: LinkSpec): Millis {
  return Math.max(spec.delayMs, 2 * spec.jitterMs, 5);
}

/**
 * Checks a specification that did not come from {@linkcode parseLinkSpec}.
 *
 * @throws {RangeError} If a time is negative or not finite, or a rate is not between 0 and 1; the
 *   message names the field.
 */
export function checkLinkSpec(spec: LinkSpec): void {
  for (const field of ["delayMs", "jitterMs"] as const) {
    if (!(spec[field] >= 0 && spec[field] < Infinity)) {
      throw new RangeError(`${field} must be 0 or more and finite, not ${spec[field]}`);
    }
  }
  for (const field of ["lossRate", "duplicateRate", "reorderRate"] as const) {
    if (!(spec[field] >= 0 && spec[field] <= 1)) {
      throw new RangeError(`${field} must be between 0 and 1, not ${spec[field]}`);
    }
  }
}

function parseValue(key: string, knob: Knob, value: string): number {
  try {
    return knob.parse(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`The link's ${key} is wrong: ${error.message}`);
  }
}

function unknownKey(key: string): SyntaxError {
  if (key === "") return new SyntaxError(`The link has an item without a key: use ${KEYS}`);
  return new SyntaxError(`The link has no ${JSON.stringify(key)}: use ${KEYS}`);
}
