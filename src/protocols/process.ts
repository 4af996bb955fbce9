/**
 * The words that every protocol shares: who takes part, and in which units.
 *
 * @module
 */

/** A process of the group: its position in the member list, counted from 0. */
export type ProcessId = number;

/** A point in time or a span of it in milliseconds, fractions allowed. It always arrives as an
 * argument: a protocol owns no clock. */
export type Millis = number;

/** What a protocol calls a multicast order on the command line and in logs. */
export const ORDERS = ["none", "fifo", "causal", "lamport", "sequencer"] as const;

/** The order in which a group delivers. */
export type Order = (typeof ORDERS)[number];
