/**
 * Lists of names in a sentence.
 *
 * @module
 */

import { printable } from "./printable.ts";

/** So many names are listed; of more, the rest is counted. */
const NAMED_MAX = 8;

/** `alice`, `alice and bob`, `alice, bob and carol`, or `alice, ..., and 12 others`. */
export function nameList(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).map(printable);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} ${rest === 1 ? "other" : "others"}`;
  const last = shown.pop() ?? "nobody";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}
