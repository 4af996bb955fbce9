/**
 * The lock of a token ring, for whoever wants it: the node in this process, or one that runs in another
 * process on this machine, give it in the same way.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** Hears what becomes of a wish for the lock. Times are those of `performance.now()`. */
export interface LockListener {
  /** It has the lock. What uses it must have ended by `until`, unless that is extended. */
  granted(fence: number, until: Millis): void;
  /** The lease goes on. */
  extended(until: Millis): void;
  /** It has the lock no more; or it waits no more, because the node ends, and may wait at another.
   * Nothing else is told after this. */
  lost(reason: string): void;
  /** It won't get the lock, and to ask again would be no better. Nothing else is told after this. */
  refused(reason: string): void;
  /** Somebody else has the lock at this moment. Told again and again. */
  busy(holder: string, fence: number): void;
  /** Whether a majority of the machines answers. Without one nobody gets the lock. */
  quorum(hasQuorum: boolean, reached: number, machines: number): void;
}

/** A wish for the lock, granted or not. */
export interface LockHandle {
  /** Lets the lock go, or waits no longer; what used it must have ended. Resolves when that is done;
   * the listener hears nothing more. Further calls do nothing. */
  unlock(): Promise<void>;
}

/** Who gives the lock. */
export interface Lockable {
  /** Wants the lock. */
  lock(listener: LockListener): LockHandle;
}
