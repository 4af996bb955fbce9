/**
 * What happened on a token ring, as an observer outside of all machines sees it, by a clock of its own.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";

/** Somebody at a node began to wait for the lock. */
export interface LockAsked {
  readonly event: "asked";
  readonly at: Millis;
  readonly node: ProcessId;
  /** Another number for each request of a run. */
  readonly request: number;
}

/** He waits no longer: he has given up, or his node is gone. */
export interface LockWithdrawn {
  readonly event: "withdrawn";
  readonly at: Millis;
  readonly node: ProcessId;
  readonly request: number;
}

/** He began to use the lock. */
export interface LockGranted {
  readonly event: "granted";
  readonly at: Millis;
  readonly node: ProcessId;
  readonly request: number;
  /** The fencing number. */
  readonly fence: number;
}

/** He uses the lock no more: he has finished, or was ended because the lease was over. */
export interface LockEnded {
  readonly event: "ended";
  readonly at: Millis;
  readonly node: ProcessId;
  readonly request: number;
}

/** The token came to a node, or was made there. */
export interface TokenArrived {
  readonly event: "arrived";
  readonly at: Millis;
  readonly node: ProcessId;
  readonly epoch: number;
  readonly sequence: number;
}

/** Something that happened. */
export type RingEvent = LockAsked | LockWithdrawn | LockGranted | LockEnded | TokenArrived;

/** What a node knew in the end. */
export interface RingNodeKnowledge {
  readonly epoch: number;
  /** The number of the view, and the nodes that are in it. */
  readonly view: number;
  readonly members: readonly ProcessId[];
}

/** A run. */
export interface RingHistory {
  readonly nodes: number;
  /** In the order in which it happened. */
  readonly events: readonly RingEvent[];
  /** From then on everything went well, and a token had had time to be made; Infinity if the run ended
   * before. */
  readonly settledAt: Millis;
  /** From then on nobody asked for the lock, and the token had time to come to everybody; Infinity if the
   * run ended before. */
  readonly quietAt: Millis;
  /** When the run ended. */
  readonly endAt: Millis;
  /** Once all is well, a node knows after so long that another one waits. */
  readonly noticeMs: Millis;
  /** What each node knew in the end; null for one that wasn't up. */
  readonly knowledge: readonly (RingNodeKnowledge | null)[];
}
