/**
 * What the examples of the persistent multicast in docs/PROTOCOL.md say they are.
 *
 * @module
 */

import type { Message } from "../../src/protocols/persistent/messages.ts";
import type {
  CoordinatorReply,
  CoordinatorRequest,
  DeliveryReply,
} from "../../src/wire/persistent_messages.ts";

const STORE = "8c0f6f1e";
const SESSION = "ada-1";

/** Requests by the example's name. */
export const REQUESTS: Readonly<Record<string, CoordinatorRequest>> = {
  join: {
    type: "register",
    request: SESSION,
    id: "ada",
    address: { host: "10.0.0.7", port: 40001 },
    takeOver: false,
  },
  msend: {
    type: "msend",
    request: "ada-2",
    id: "ada",
    session: SESSION,
    payload: new TextEncoder().encode("hi"),
  },
};

/** Replies. */
export const REPLIES: Readonly<Record<string, CoordinatorReply>> = {
  joined: { type: "ok", request: SESSION, seq: 16, store: STORE },
  stored: { type: "ok", request: "ada-2", seq: 17, store: STORE },
  refused: {
    type: "error",
    request: "ada-3",
    reason: "ada is offline: reconnect first",
    standing: "offline",
  },
};

/** What the coordinator says on a delivery connection, as it stands on the wire. */
export const DELIVERIES: Readonly<Record<string, object>> = {
  open: { type: "open", store: STORE, id: "ada", session: SESSION, after: 16 },
  deliver: {
    type: "deliver",
    first: 17,
    messages: [
      1_732_100_000_123,
      "ada",
      new TextEncoder().encode("hi"),
      1_732_100_000_125,
      "ben",
      new TextEncoder().encode("hello"),
    ],
  },
  close: { type: "close", why: "left" },
};

/** The same messages as a participant takes them. */
export const DELIVERED: readonly Message[] = [
  { seq: 17, at: 1_732_100_000_123, sender: "ada", payload: new TextEncoder().encode("hi") },
  { seq: 18, at: 1_732_100_000_125, sender: "ben", payload: new TextEncoder().encode("hello") },
];

/** What the participant says there. */
export const DELIVERY_REPLIES: Readonly<Record<string, DeliveryReply>> = {
  opened: { type: "opened", id: "ada", session: SESSION, logged: 16 },
  logged: { type: "logged", seq: 18 },
};

/** All of them as they stand on the wire. */
export const PERSISTENT_FRAMES: Readonly<Record<string, object>> = {
  ...REQUESTS,
  ...REPLIES,
  ...DELIVERIES,
  ...DELIVERY_REPLIES,
};
