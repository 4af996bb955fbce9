/**
 * What a token ring promises, and how a breach of it is told.
 *
 * @module
 */

/** What a token ring promises.
 *
 * - `exclusion`: at no time is the lock used by two.
 * - `fencing`: each grant has a higher fencing number than all before it.
 * - `one-token`: in each epoch there is one token, which counts its hops.
 * - `alive`: once all is well, exactly one token is alive and comes to every node, and all nodes agree on
 *   it and on who is in the ring.
 * - `served`: once all is well, everybody who waits is served.
 * - `rotation`: and each within one rotation of the token.
 */
export const RING_PROPERTIES = [
  "exclusion",
  "fencing",
  "one-token",
  "alive",
  "served",
  "rotation",
] as const;

/** What a token ring promises. */
export type RingProperty = (typeof RING_PROPERTIES)[number];

/** A breach. */
export interface RingViolation {
  readonly property: RingProperty;
  /** One sentence without a full stop. */
  readonly witness: string;
}

/** A time, for people. */
export function formatTime(atMs: number): string {
  return `${atMs.toFixed(3)} ms`;
}
