/**
 * What a node of a token ring wants from its host. Everything is enqueued, and nothing calls back in.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { RingMessage, RingView, Token, Vote } from "./messages.ts";

/** Names a request for the lock, at one node. */
export type LockRequest = number;

/** A host. */
export interface TokenRingOutbox {
  /** Sends a datagram to another node. It may be lost, doubled, late and overtaken. */
  send(to: ProcessId, message: RingMessage): void;
  /** Must be durable before anything that is sent after it leaves. */
  store(vote: Vote): void;
  /** The token has come. */
  arrived(token: Token): void;
  /** The members are others now. */
  viewed(view: RingView): void;
  /** A majority of the machines can be reached, or can't. `reached` includes this one. */
  quorum(hasQuorum: boolean, reached: number): void;
  /** The request has the lock, until `leaseUntil` unless that is extended. What uses it must have
   * ended by then. */
  granted(request: LockRequest, fence: number, leaseUntil: Millis): void;
  /** The lease goes on. */
  extended(request: LockRequest, leaseUntil: Millis): void;
  /** The lease could not be extended, and is over. */
  lost(request: LockRequest): void;
  /** Somebody else has the lock at this moment. Told again and again while a request waits. */
  busy(holder: ProcessId, fence: number): void;
  /** It has left: nobody counts on it any more. */
  left(): void;
}
