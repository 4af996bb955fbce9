/**
 * What the examples of the token ring in docs/PROTOCOL.md say they are.
 *
 * @module
 */

import type { RingMachine } from "../../src/hosts/ring_identity.ts";
import type { RingMessage, RingView } from "../../src/protocols/token_ring/messages.ts";
import type { RingReply, RingRequest } from "../../src/wire/ring_control_messages.ts";

/** The machines file of the examples. */
export const RING_MACHINES: readonly RingMachine[] = ["a", "b", "c"].map((name, i) => ({
  name,
  address: { host: `10.0.0.${7 + i}`, port: 7001 },
}));

/** Its lease, in milliseconds. */
export const RING_LEASE_MS = 1500;

/** The number of its ring. */
export const RING_GROUP = 1_434_911_000_455_572;

const VIEW: RingView = {
  number: 2,
  members: [
    { node: 0, incarnation: 0x1234_5678, next: null },
    { node: 1, incarnation: 0x2345_6789, next: null },
  ],
};

const LAST = { epoch: 1, sequence: 300 };

/** Datagrams by the example's name, and who sends them. */
export const RING_DATAGRAMS: Readonly<Record<string, { from: number; message: RingMessage }>> = {
  ring_hello: { from: 1, message: { type: "hello", incarnation: 0x2345_6789, next: null } },
  ring_token: {
    from: 0,
    message: {
      type: "token",
      to: 0x2345_6789,
      token: { epoch: 1, sequence: 300, grants: 4, view: VIEW, waiting: [1] },
    },
  },
  ring_ack: { from: 1, message: { type: "ack", ...LAST } },
  ring_renew: {
    from: 1,
    message: {
      ...{ type: "renew", ...LAST, incarnation: 0x2345_6789, sentAt: 2000.5, isLease: true },
      ...{ fence: 1_000_000_005, hasQuorum: true, view: VIEW },
    },
  },
  ring_support: {
    from: 0,
    message: {
      ...{ type: "support", epoch: 1, incarnation: 0x2345_6789, sentAt: 2000.5, isLease: true },
    },
  },
  ring_propose: {
    from: 2,
    message: { type: "propose", epoch: 2, incarnation: 0x3456_789a, last: LAST },
  },
  ring_promise: {
    from: 0,
    message: {
      ...{ type: "promise", epoch: 2, incarnation: 0x1234_5678, next: null },
      ...{ last: LAST, viewNumber: 2 },
    },
  },
};

/** What is said over TCP. */
export const RING_CONTROL: Readonly<Record<string, RingRequest | RingReply>> = {
  ring_tokens: { type: "tokens", group: RING_GROUP, node: "b", from: "a" },
  ring_lock: { type: "lock", group: RING_GROUP, node: "a", sentAt: 250.5 },
  ring_granted: { type: "granted", fence: 1_000_000_006, until: 1720.25 },
};

/** The names of all. */
export const RING_EXAMPLES: readonly string[] = [
  ...Object.keys(RING_DATAGRAMS),
  ...Object.keys(RING_CONTROL),
];
