/**
 * A message of each kind that nodes of a token ring say, for tests.
 *
 * @module
 */

import type {
  RingMember,
  RingMessage,
  RingView,
  Token,
} from "../../src/protocols/token_ring/messages.ts";

/** The ring of the examples. */
export const GROUP = 1_234_567_890_123;

/** How many machines its file has. */
export const SIZE = 3;

const MEMBERS: readonly RingMember[] = [
  { node: 0, incarnation: 11, next: 2 },
  { node: 2, incarnation: 300, next: null },
  { node: 1, incarnation: 70_000, next: null },
];

/** A view of all three. */
export const VIEW: RingView = { number: 4, members: MEMBERS };

/** A token that somebody waits for. */
export const TOKEN: Token = { epoch: 2, sequence: 1000, grants: 5, view: VIEW, waiting: [1] };

/** One of each kind. */
export const RING_MESSAGES = {
  token: { type: "token", to: 300, token: TOKEN },
  ack: { type: "ack", epoch: 2, sequence: 1000 },
  hello: { type: "hello", incarnation: 11, next: null },
  want: { type: "want", incarnation: 11, next: 2 },
  leave: { type: "leave", incarnation: 11 },
  renew: {
    ...{ type: "renew", epoch: 2, sequence: 1000, view: VIEW, incarnation: 11, sentAt: 1500.25 },
    ...{ isLease: true, fence: 2_000_000_006, hasQuorum: true },
  },
  support: { type: "support", epoch: 2, incarnation: 11, sentAt: 1500.25, isLease: true },
  propose: { type: "propose", epoch: 3, incarnation: 11, last: { epoch: 2, sequence: 1000 } },
  promise: {
    ...{ type: "promise", epoch: 3, incarnation: 300, next: 0 },
    ...{ last: { epoch: 2, sequence: 1001 }, viewNumber: 4 },
  },
  refuse: { type: "refuse", epoch: 3, promised: 4, waitMs: 812.5 },
} as const satisfies { readonly [Type in RingMessage["type"]]: RingMessage };
