/**
 * What a persistent multicast promises, and how a breach of it is told.
 *
 * @module
 */

/** What a persistent multicast promises.
 *
 * - `durable`: what was acknowledged to a sender is stored, and stays.
 * - `once`: no request is stored twice, and no message is in a log twice.
 * - `order`: all logs are in the order of the one sequence, and say what was sent; its times never go
 *   back.
 * - `forbidden`: nobody gets what was sent before it registered, after it deregistered, or what the
 *   td rule keeps from it.
 * - `promised`: who is online in the end has everything that the td rule promises.
 */
export const PERSISTENT_PROPERTIES = [
  "durable",
  "once",
  "order",
  "forbidden",
  "promised",
] as const;

/** What a persistent multicast promises. */
export type PersistentProperty = (typeof PERSISTENT_PROPERTIES)[number];

/** A breach. */
export interface PersistentViolation {
  readonly property: PersistentProperty;
  /** One sentence without a full stop. */
  readonly witness: string;
}
