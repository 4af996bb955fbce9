/**
 * When a command must be ended before its lease is over.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** A command has so long before the end of its lease to end by itself, and this share of the lease at
 * most. More of it ends commands that a late extension would have saved; less of it leaves them no
 * time to clean up. */
const TERM_MS: Millis = 300;
const TERM_SHARE = 0.3;

/** It is killed so long before the end of the lease, and this share of the lease at most: time for
 * the system to end it, on a busy machine. */
const KILL_MS: Millis = 100;
const KILL_SHARE = 0.1;

/** mpcomm steps in so long before the end if the guard has not ended the command by then. */
const BACKUP_SHARE = 0.5;

/** The end of a lease, and what has to happen before it. */
export interface GuardDeadline {
  readonly until: Millis;
  /** When the command is asked to end: SIGTERM. */
  readonly termAt: Millis;
  /** When it is killed: SIGKILL. */
  readonly killAt: Millis;
  /** When somebody else kills it, should the guard not have done so. */
  readonly backupAt: Millis;
}

/** For a lease that ends at `until` and was `leaseMs` long when it was given. */
export function guardDeadline(until: Millis, leaseMs: Millis): GuardDeadline {
  const killMs = Math.min(KILL_MS, KILL_SHARE * leaseMs);
  return {
    until,
    termAt: until - Math.min(TERM_MS, TERM_SHARE * leaseMs),
    killAt: until - killMs,
    backupAt: until - BACKUP_SHARE * killMs,
  };
}
