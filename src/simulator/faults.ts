/**
 * What goes wrong in a simulated world: every fault a named knob, all of them off by default.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** How a partition cuts the group. */
export const PARTITION_MODES = ["symmetric", "one-way", "isolate"] as const;

/** `symmetric`: two halves, nothing passes between them. `one-way`: nothing passes from one half to
 * the other, everything back. `isolate`: one process is alone. */
export type PartitionMode = (typeof PARTITION_MODES)[number];

/** The knobs. Everything random is drawn from the seed. */
export interface Faults {
  /** No datagram is faster, one way. */
  readonly delayMinMs: Millis;
  /** Mean one-way delay: the minimum plus an exponential tail. At the minimum there is no tail, and
   * links keep the order; a longer tail means more overtaking. */
  readonly delayMeanMs: Millis;
  /** Probability that a datagram is lost, 0 to 1. */
  readonly lossRate: number;
  /** Probability that a datagram arrives twice; the copy has a delay of its own. */
  readonly duplicateRate: number;
  /** Probability that a datagram takes up to `REORDER_MS` longer, so that later ones overtake it. */
  readonly reorderRate: number;
  /** How often a directed link is clogged: what is sent over it meanwhile comes when that ends. */
  readonly clogs: number;
  /** A clog lasts up to this. */
  readonly clogMaxMs: Millis;
  /** How often the group is partitioned: what is sent across meanwhile is lost. */
  readonly partitions: number;
  /** A partition lasts up to this. */
  readonly partitionMaxMs: Millis;
  /** The modes from which each partition draws its own. */
  readonly partitionModes: readonly PartitionMode[];
  /** How often a process stands still, as after SIGSTOP: datagrams wait for it, its timers too. */
  readonly pauses: number;
  /** A pause lasts up to this. */
  readonly pauseMaxMs: Millis;
  /** How many processes crash for good. Their group stands still from then on, by design: delivery
   * in it is uniform, and membership is fixed so far. */
  readonly crashes: number;
  /** How many processes are slow receivers: each datagram keeps them busy for `slowMs`. */
  readonly slow: number;
  /** How long a datagram keeps a slow receiver busy. */
  readonly slowMs: Millis;
  /** What waits for a slow receiver, at most; what overflows is lost. */
  readonly bufferBytes: number;
}

/** How long `reorderRate` holds a datagram back at most. */
export const REORDER_MS: Millis = 50;

/** A good network: a millisecond, and nothing goes wrong. */
export const NO_FAULTS: Faults = Object.freeze({
  delayMinMs: 1,
  delayMeanMs: 1,
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  clogs: 0,
  clogMaxMs: 5000,
  partitions: 0,
  partitionMaxMs: 2000,
  partitionModes: PARTITION_MODES,
  pauses: 0,
  pauseMaxMs: 2000,
  crashes: 0,
  slow: 0,
  slowMs: 1,
  bufferBytes: 212_992,
});

/** What really went wrong in a run. */
export interface FaultCounts {
  /** Datagrams lost by `lossRate`. */
  lost: number;
  /** Datagrams that arrived twice. */
  duplicated: number;
  /** Datagrams that arrived after one that the same process had sent later. */
  reordered: number;
  /** Processes that crashed. */
  crashed: number;
  /** Pauses. */
  paused: number;
  /** Partitions. */
  partitions: number;
  /** Datagrams lost because a partition cut their way. */
  cut: number;
  /** Datagrams that waited for the end of a clog. */
  clogged: number;
  /** Datagrams lost because a slow receiver's buffer was full. */
  overflowed: number;
}

/** Nothing went wrong. */
export function noFaultCounts(): FaultCounts {
  return {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    crashed: 0,
    paused: 0,
    partitions: 0,
    cut: 0,
    clogged: 0,
    overflowed: 0,
  };
}

/** Adds `more` to `to`. */
export function addFaultCounts<Counts extends Record<keyof Counts, number>>(
  to: Counts,
  more: Readonly<Counts>,
): void {
  const sums: Record<keyof Counts, number> = to;
  for (const key of Object.keys(to) as (keyof Counts)[]) sums[key] += more[key];
}
