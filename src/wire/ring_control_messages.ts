/**
 * What a node of a token ring is asked for, over TCP: by processes on the same machine, and by the
 * node whose successor it is.
 *
 * A connection is one wish for the lock. It ends the wish, so nothing is left behind by who dies.
 *
 * ```ts
 * import { decodeRingRequest } from "./ring_control_messages.ts";
 *
 * const request = decodeRingRequest({ type: "alive", sentAt: 12.5 });
 * console.assert(request.type === "alive");
 * ```
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { MAX_EPOCH, MAX_NODES } from "../protocols/token_ring/messages.ts";
import {
  array,
  boolean,
  type Check,
  integer,
  messages,
  nullable,
  number,
  text,
} from "./validation.ts";

/** Whom the client takes the node for. Another one refuses. */
interface Addressed {
  /** Names machines and lease. */
  readonly group: number;
  /** The node's name. */
  readonly node: string;
}

/** Wants the lock. */
export interface RingLockRequest extends Addressed {
  readonly type: "lock";
  /** The client's clock, in milliseconds. */
  readonly sentAt: Millis;
}

/** The client lives, and its clock shows this. Who says so no more loses the lock with its lease. */
export interface RingAlive {
  readonly type: "alive";
  readonly sentAt: Millis;
}

/** Lets the lock go, or waits no longer. What used it has ended. */
export interface RingUnlockRequest {
  readonly type: "unlock";
}

/** Asks how the node is. */
export interface RingStatusRequest extends Addressed {
  readonly type: "status";
}

/** The connection brings tokens from now on: each further frame is what a datagram would be. */
export interface RingTokensRequest extends Addressed {
  readonly type: "tokens";
  /** Who brings them. */
  readonly from: string;
}

/** Everything that a node may be asked. */
export type RingRequest =
  | RingLockRequest
  | RingAlive
  | RingUnlockRequest
  | RingStatusRequest
  | RingTokensRequest;

/** The client has the lock. */
export interface RingGranted {
  readonly type: "granted";
  readonly fence: number;
  /** What uses it must have ended then, by the client's own clock. So it doesn't matter how long this
   * was on its way. */
  readonly until: Millis;
}

/** The lease goes on. */
export interface RingExtended {
  readonly type: "extended";
  readonly until: Millis;
}

/** The client has the lock no more, or won't get it: its lease is over, or the node ends. */
export interface RingLost {
  readonly type: "lost";
  readonly reason: string;
}

/** The lock was let go. */
export interface RingUnlocked {
  readonly type: "unlocked";
}

/** Somebody else has the lock now. Told again and again. */
export interface RingBusy {
  readonly type: "busy";
  readonly holder: string;
  readonly fence: number;
}

/** Whether a majority answers. Without one nobody gets the lock. */
export interface RingQuorum {
  readonly type: "quorum";
  readonly hasQuorum: boolean;
  /** Machines that answer, the node's own among them. */
  readonly reached: number;
  /** Machines in the file. */
  readonly machines: number;
}

/** What a node knows. */
export interface RingNodeStatus {
  readonly node: string;
  /** Whether there is a token, as far as is known, or is to be one. */
  readonly isStarted: boolean;
  readonly epoch: number;
  /** The token's value as it was last seen. */
  readonly value: number;
  readonly view: readonly string[];
  /** Who has the lock, with which fencing number; null if nobody has, as far as is known. */
  readonly holder: string | null;
  readonly fence: number | null;
  /** Whether a majority answers; null if that isn't known. */
  readonly hasQuorum: boolean | null;
  readonly reached: number;
  readonly machines: number;
  /** How many requests wait at this node. */
  readonly waiting: number;
  /** Datagrams that made no sense. */
  readonly malformed: number;
}

/** The answer to `status`. */
export interface RingStatusReply extends RingNodeStatus {
  readonly type: "status";
}

/** The request is refused. */
export interface RingRefusal {
  readonly type: "error";
  readonly reason: string;
}

/** Everything that a node may say. */
export type RingReply =
  | RingGranted
  | RingExtended
  | RingLost
  | RingUnlocked
  | RingBusy
  | RingQuorum
  | RingStatusReply
  | RingRefusal;

const MAX = Number.MAX_SAFE_INTEGER;
const group = integer(0, MAX);
/** 64 characters, each of which may take two units. */
const name = text(1, 128);
const reason = text(0, 1000);
const clock: Check<Millis> = number(-MAX, MAX);
const fence = integer(0, MAX);
const count = integer(0, MAX);
const machines = integer(0, MAX_NODES);

/** Types a decoded request.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeRingRequest: (value: unknown) => RingRequest = messages<RingRequest>({
  lock: { group, node: name, sentAt: clock },
  alive: { sentAt: clock },
  unlock: {},
  status: { group, node: name },
  tokens: { group, node: name, from: name },
});

/** Types a decoded reply.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeRingReply: (value: unknown) => RingReply = messages<RingReply>({
  granted: { fence, until: clock },
  extended: { until: clock },
  lost: { reason },
  unlocked: {},
  busy: { holder: name, fence },
  quorum: { hasQuorum: boolean, reached: machines, machines },
  status: {
    node: name,
    isStarted: boolean,
    epoch: integer(0, MAX_EPOCH),
    value: count,
    view: array(name, MAX_NODES),
    holder: nullable(name),
    fence: nullable(fence),
    hasQuorum: nullable(boolean),
    reached: machines,
    machines,
    waiting: count,
    malformed: count,
  },
  error: { reason },
});
