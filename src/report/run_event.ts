/**
 * What `compare` and `lab` say of a run, as the JSON object that others rely on.
 *
 * @module
 */

import type { LatencyOf } from "../history/run_facts.ts";

/** The properties that a run is reported with, in this order. */
export const REPORTED_PROPERTIES = [
  "integrity",
  "validity",
  "agreement",
  "fifo",
  "causal",
  "total",
] as const;

/** One of them. */
export type ReportedProperty = (typeof REPORTED_PROPERTIES)[number];

/** What a checker found. */
export type ReportedOutcome = "holds" | "violated" | "inconclusive";

/** The events that break a property, as the checkers give them. */
export interface ReportedWitness {
  readonly property: string;
  /** One sentence for people, without a full stop. */
  readonly sentence: string;
  readonly processes: readonly number[];
  readonly positions: readonly number[];
  readonly messages: readonly string[];
}

/** One run of one order. */
export interface RunEvent {
  readonly event: "run";
  readonly order: string;
  readonly peers: number;
  readonly messagesPerPeer: number;
  /** So many processes multicast, the first ones; only where not all do. */
  readonly senders?: number;
  /** Only where no logs were kept: null stands then for counts that are not known. */
  readonly log?: "none";
  /** Messages that were multicast. */
  readonly messages: number | null;
  /** The length of the longest delivery log. */
  readonly rounds: number;
  readonly roundsOutOfOrder: number | null;
  readonly lost: number | null;
  readonly duplicated: number | null;
  readonly properties: Readonly<Record<ReportedProperty, ReportedOutcome>>;
  readonly promised: readonly ReportedProperty[];
  /** Null where nothing was delivered, nothing was timed, or no logs were kept. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  readonly latencyOf: LatencyOf;
  /** From multicast to the sender's own delivery, in microseconds' steps; null as above. */
  readonly ownLatencyMs: RunEvent["latencyMs"];
  /** Datagrams and bytes sent; null where only logs were judged. */
  readonly datagrams: number | null;
  readonly bytes: number | null;
  /** The slowest process's; only where the interval is 0. */
  readonly deliveredPerSecond?: number | null;
  readonly witness: ReportedWitness | null;
}
