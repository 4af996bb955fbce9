/**
 * What a gossip network promises, and how a breach of it is told.
 *
 * @module
 */

import type { NodeRun, SaidRumor } from "../../history/gossip_history.ts";

/** What a gossip network promises.
 *
 * - `once`: each process hears each rumor at most once.
 * - `intact`: it hears only what somebody has said, as he said it; and what its own user says.
 * - `kept`: what it has heard is in its list, as far as the list is long enough; the oldest goes first.
 * - `peers`: it is told in turns that another node has come and has gone.
 * - `members`: once all is well, each sees all that are up and nobody else, and nothing changes.
 * - `everywhere`: in the end everybody who is up has heard all that is in anybody's list.
 * - `silent`: once everybody has everything, nobody tells a rumor any more.
 * - `bounded`: nobody tells a rumor more often than its settings allow, nor do all together.
 */
export const GOSSIP_PROPERTIES = [
  "once",
  "intact",
  "kept",
  "peers",
  "members",
  "everywhere",
  "silent",
  "bounded",
] as const;

/** What a gossip network promises. */
export type GossipProperty = (typeof GOSSIP_PROPERTIES)[number];

/** A breach. */
export interface GossipViolation {
  readonly property: GossipProperty;
  /** One sentence without a full stop. */
  readonly witness: string;
}

/** A time, for people. */
export function formatTime(atMs: number): string {
  return `${atMs.toFixed(3)} ms`;
}

/** A rumor, for people. */
export function formatRumor({ origin, run, seq }: SaidRumor): string {
  return `rumor ${seq} of node ${origin} (process ${run})`;
}

/** Text that tells processes apart. */
export function processKey({ node, run }: NodeRun): string {
  return `${node}.${run}`;
}
