/**
 * How a node of a token ring takes part, and what it knows.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { RingView, Vote } from "./messages.ts";

/** How a node takes part. Lease and pace must be the same at all of them. */
export interface TokenRingOptions {
  /** Its place in the machines file, from 0. */
  readonly self: ProcessId;
  /** How many machines there are. */
  readonly size: number;
  /** Another one in each process of this node; not 0. */
  readonly incarnation: number;
  /** To whom it wants to pass the token; null for the next in the file. */
  readonly next: ProcessId | null;
  /** How long support lasts. Longer tolerates longer pauses and slower networks; who waits for the
   * lock of a crashed holder waits so long, and a little more. */
  readonly leaseMs: Millis;
  /** How long the token rests at each node while nobody waits. */
  readonly paceMs: Millis;
  /** What `store` was last told by this node; epoch 0 at its first start. */
  readonly vote: Vote;
  /** Whether a process before it may have promised support in the last `leaseMs`. */
  readonly isQuarantined: boolean;
}

/** What a node knows. */
export interface TokenRingStatus {
  /** Whether there is a token, as far as is known, or is to be one. */
  readonly isStarted: boolean;
  /** The token as it was last seen. */
  readonly epoch: number;
  readonly sequence: number;
  readonly view: RingView;
  /** Where the token was last known to be; null if that isn't known. */
  readonly owner: ProcessId | null;
  /** The fencing number of the grant in use there; null if none is known. */
  readonly fence: number | null;
  /** Whether a majority can be reached; null if that isn't known. */
  readonly hasQuorum: boolean | null;
  /** How many requests wait here. */
  readonly waiting: number;
  /** Until when it has promised support to anybody. */
  readonly supportsUntil: Millis;
}
