/**
 * The words of a token ring: what its nodes say to one another.
 *
 * Nodes are numbered by their place in the machines file, from 0. A node that was started again is
 * another incarnation: what was meant for the one before is none of its business.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";

/** A machines file has at most so many. */
export const MAX_NODES = 64;

/** So many grants fit into an epoch; then a new one begins. */
export const GRANTS_PER_EPOCH = 1_000_000_000;

/** Epochs end here, so that a fencing number is a safe integer. */
export const MAX_EPOCH = 9_000_000;

/** A member of a view. */
export interface RingMember {
  readonly node: ProcessId;
  readonly incarnation: number;
  /** To whom it wants to pass the token; null for the next in the file. */
  readonly next: ProcessId | null;
}

/** Who passes the token to whom: in this order, and from the last to the first. */
export interface RingView {
  /** Grows with each change, over epochs too. */
  readonly number: number;
  readonly members: readonly RingMember[];
}

/** The token. In each epoch there is one, or none any more. */
export interface Token {
  /** Its generation. Where two tokens meet, the lower epoch is dead. */
  readonly epoch: number;
  /** Hops since the beginning of the ring. It goes on where the epoch before ended, as far as that is
   * known; it only grows within an epoch. */
  readonly sequence: number;
  /** Grants in this epoch. */
  readonly grants: number;
  readonly view: RingView;
  /** Nodes that wait for it. */
  readonly waiting: readonly ProcessId[];
}

/** What a node keeps over restarts: the highest epoch that it has voted for, and for whom. */
export interface Vote {
  /** 0 before the first. */
  readonly epoch: number;
  readonly candidate: ProcessId;
}

/** Here is the token. Only that incarnation of the receiver may take it. */
export interface TokenMessage {
  readonly type: "token";
  readonly to: number;
  readonly token: Token;
}

/** It has come, now or earlier. */
export interface TokenAck {
  readonly type: "ack";
  readonly epoch: number;
  readonly sequence: number;
}

/** I'm here, and in no view that I know of. */
export interface Hello {
  readonly type: "hello";
  readonly incarnation: number;
  /** To whom it wants to pass the token, if not to the next in the file. */
  readonly next: ProcessId | null;
}

/** I wait for the token. */
export interface Want {
  readonly type: "want";
  readonly incarnation: number;
  readonly next: ProcessId | null;
}

/** I'm going: leave me out. */
export interface Leave {
  readonly type: "leave";
  readonly incarnation: number;
}

/** I have the token: who hears me? It is said to all machines, in the view or not. */
export interface Renew {
  readonly type: "renew";
  readonly epoch: number;
  readonly sequence: number;
  readonly view: RingView;
  /** The sender's incarnation and clock, which come back as they are. */
  readonly incarnation: number;
  readonly sentAt: Millis;
  /** Whether the receiver is asked for its support: to vote for no other epoch for the time of a
   * lease, from when it hears this. */
  readonly isLease: boolean;
  /** The fencing number of the grant that is in use; null if the lock is free. */
  readonly fence: number | null;
  /** Whether a majority has answered lately. */
  readonly hasQuorum: boolean;
}

/** I hear you; and where a lease was asked for, you have my support. */
export interface Support {
  readonly type: "support";
  readonly epoch: number;
  readonly incarnation: number;
  readonly sentAt: Millis;
  readonly isLease: boolean;
}

/** May I make the token of this epoch? */
export interface Propose {
  readonly type: "propose";
  readonly epoch: number;
  readonly incarnation: number;
  /** The latest that the candidate knows of the token. */
  readonly last: TokenAge;
}

/** When a token was seen, in its own terms. */
export interface TokenAge {
  readonly epoch: number;
  readonly sequence: number;
}

/** You may, and nobody of a lower epoch has my support any more. */
export interface Promised {
  readonly type: "promise";
  readonly epoch: number;
  readonly incarnation: number;
  readonly next: ProcessId | null;
  /** The latest that this one knows of the token and of the view. */
  readonly last: TokenAge;
  readonly viewNumber: number;
}

/** You may not, or: your token is dead. */
export interface Refuse {
  readonly type: "refuse";
  /** What the epoch of the refused message was. */
  readonly epoch: number;
  /** The highest epoch that this one has voted for or heard of. */
  readonly promised: number;
  /** When it is worth asking again. */
  readonly waitMs: Millis;
}

/** Everything that nodes say to one another. */
export type RingMessage =
  | TokenMessage
  | TokenAck
  | Hello
  | Want
  | Leave
  | Renew
  | Support
  | Propose
  | Promised
  | Refuse;

/** Grows with every grant, over epochs too. */
export function fenceOf({ epoch, grants }: Pick<Token, "epoch" | "grants">): number {
  return epoch * GRANTS_PER_EPOCH + grants;
}
