/**
 * What a checker says about a run: a property holds, or is violated, and then by whom.
 *
 * ```ts
 * import { violated } from "./verdict.ts";
 *
 * const verdict = violated("validity", "process 0 multicast 0:3 and never delivered it", [
 *   { process: 0, position: -1, message: "0:3" },
 * ]);
 * console.assert(verdict.witness?.messages[0] === "0:3");
 * ```
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";

/** The properties, in the order in which they are reported. */
export const PROPERTIES = [
  "integrity",
  "validity",
  "agreement",
  "fifo",
  "causal",
  "total",
  "prefix",
  "clock",
] as const;

/** Something that the deliveries of a run may or may not have in common. */
export type Property = (typeof PROPERTIES)[number];

/** `inconclusive`: the journals neither show a violation nor suffice to exclude one. */
export type Outcome = "holds" | "violated" | "inconclusive";

/**
 * The events that break a property. The three arrays are parallel: `processes[i]` delivered
 * `messages[i]` at `positions[i]` of its delivery log.
 */
export interface Witness {
  readonly property: Property;
  /** One sentence for people, without a full stop: "process 2 delivered 0:17 before 1:9, ...". */
  readonly sentence: string;
  readonly processes: number[];
  /** Counted from 0 in the process's delivery log, duplicates included; -1: never delivered.
   * For `clock`, counted from 0 among all the events of the process's journal. */
  readonly positions: number[];
  /** "0:17" is message 17 of process 0. */
  readonly messages: string[];
}

/** What one checker says. */
export interface Verdict {
  readonly property: Property;
  readonly outcome: Outcome;
  /** There exactly where the outcome is `violated`. */
  readonly witness: Witness | null;
  /** Why the outcome is `inconclusive`, in one sentence without a full stop; otherwise null. */
  readonly reason: string | null;
}

/** Where a message stands in a delivery log; position -1: nowhere. */
export interface Sighting {
  process: ProcessId;
  position: number;
  message: string;
}

/** The property holds in all that the journals say. */
export function holds(property: Property): Verdict {
  return { property, outcome: "holds", witness: null, reason: null };
}

/** The journals do not suffice to tell, for this reason. */
export function inconclusive(property: Property, reason: string): Verdict {
  return { property, outcome: "inconclusive", witness: null, reason };
}

/** The property is broken by these sightings. */
export function violated(
  property: Property,
  sentence: string,
  sightings: readonly Sighting[],
): Verdict {
  const witness: Witness = {
    property,
    sentence,
    processes: sightings.map(({ process }) => process),
    positions: sightings.map(({ position }) => position),
    messages: sightings.map(({ message }) => message),
  };
  return { property, outcome: "violated", witness, reason: null };
}

/** Holds unless there was a reason for doubt. */
export function holdsUnless(property: Property, doubt: string | null): Verdict {
  return doubt === null ? holds(property) : inconclusive(property, doubt);
}
