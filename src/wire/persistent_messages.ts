/**
 * What participants and the coordinator of a persistent multicast say to each other, over two kinds
 * of connections: requests, which a participant opens to the coordinator, and deliveries, which the
 * coordinator opens to the participant's port.
 *
 * ```ts
 * import { decodeCoordinatorRequest } from "./persistent_messages.ts";
 *
 * const request = decodeCoordinatorRequest({
 *   type: "msend",
 *   request: "ada-1",
 *   id: "ada",
 *   payload: new TextEncoder().encode("hello"),
 * });
 * console.assert(request.type === "msend");
 * ```
 *
 * @module
 */

import {
  isMemberId,
  type LinkEnd,
  MAX_ID,
  MAX_MEMBERS,
  MAX_REQUEST,
  MAX_TEXT_BYTES,
  type MemberId,
  type Message,
  type Reply,
  type Request,
} from "../protocols/persistent/messages.ts";
import type { Address } from "./address.ts";
import {
  address,
  array,
  boolean,
  bytes,
  type Check,
  integer,
  messages,
  nullable,
  number,
  oneOf,
  optional,
  record,
  text,
} from "./validation.ts";

/** The highest number of a message, and the latest time. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

// --- requests: participant to coordinator

/** Asks how the coordinator and its members are. */
export interface StatusRequest {
  readonly type: "status";
}

/** Everything that a coordinator may be asked. */
export type CoordinatorRequest = Request | StatusRequest;

/** A member as `status` shows it. */
export interface MemberStatus {
  readonly id: MemberId;
  readonly state: "online" | "offline";
  /** Where it listens, or listened before it went offline. */
  readonly address: Address;
  /** Whether a delivery connection to it is up. */
  readonly connected: boolean;
  /** Messages that are stored, meant for it, and not yet acknowledged by it. */
  readonly backlog: number;
  /** Of those, how many are on their way to it. */
  readonly inFlight: number;
  /** Milliseconds since its last sign of life; null if there was none since the coordinator's
   * start. */
  readonly lastAckAgeMs: number | null;
}

/** What went through the coordinator in the last few seconds. */
export interface Rates {
  /** Messages stored, a second. */
  readonly storedPerSecond: number;
  /** Messages acknowledged by members, a second; one that three members have counts three times. */
  readonly deliveredPerSecond: number;
}

/** How the coordinator is. */
export interface CoordinatorStatus {
  /** Names the store: a fresh one has another name. */
  readonly store: string;
  /** The persistence threshold in milliseconds. */
  readonly tdMs: number;
  /** The sequence number of the latest message, 0 before the first. */
  readonly lastSeq: number;
  /** Messages that are kept, for members that may still need them. */
  readonly kept: number;
  /** Milliseconds since the coordinator's start. */
  readonly uptimeMs: number;
  readonly rates: Rates;
  /** In the order of their IDs. */
  readonly members: readonly MemberStatus[];
}

/** The answer to `status`. */
export interface StatusReply extends CoordinatorStatus {
  readonly type: "status";
}

/** Everything that a coordinator may answer. The `request` of an error is empty where the request
 * itself could not be read. */
export type CoordinatorReply = Reply | StatusReply;

// --- deliveries: coordinator to participant

/** Opens a delivery connection: messages after number `after` will follow. */
export interface Open {
  readonly type: "open";
  readonly store: string;
  /** Whom the coordinator expects here. */
  readonly id: MemberId;
  /** The `request` of the registration or reconnection that the participant is asked to serve. */
  readonly session: string;
  readonly after: number;
}

/** Messages in order, without a gap among them; the first one may be any number above the last one
 * that was delivered. On the wire they are columns in one flat array. */
export interface Deliver {
  readonly type: "deliver";
  readonly messages: readonly Message[];
}

/** The last word before the coordinator closes a delivery connection. */
export interface Close {
  readonly type: "close";
  readonly why: LinkEnd;
}

/** Everything that the coordinator says on a delivery connection. */
export type DeliveryMessage = Open | Deliver | Close;

/** The participant is the one that `open` named. */
export interface Opened {
  readonly type: "opened";
  readonly id: MemberId;
  readonly session: string;
  /** All messages up to this number are in its log, or not meant for it. */
  readonly logged: number;
}

/** All messages up to `seq` are in the participant's log. Repeated each second, as a sign of life. */
export interface Logged {
  readonly type: "logged";
  readonly seq: number;
}

/** The participant refuses what came; it closes the connection. */
export interface DeliveryError {
  readonly type: "error";
  readonly reason: string;
}

/** Everything that a participant says on a delivery connection. */
export type DeliveryReply = Opened | Logged | DeliveryError;

// --- checks

const memberId: Check<MemberId> = (value, field) => {
  if (typeof value === "string" && isMemberId(value)) return value;
  throw new TypeError(
    `Field ${field} must be 1 to ${MAX_ID} characters without spaces and control characters`,
  );
};
const request: Check<string> = text(1, MAX_REQUEST);
const session = request;
const seq = integer(0, MAX_COUNT);
const store = text(1, 64);
const reason = text(0, 1000);

/** False where it is missing. */
const flag: Check<boolean> = (value, field) => nullable(boolean)(value, field) ?? false;

const STANDINGS = ["online", "offline", "unknown", "replaced"] as const;
const LINK_ENDS = ["replaced", "left", "silent", "invalid"] as const;

/** Types a decoded request. Its payload is a view on the message that it came in.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeCoordinatorRequest: (value: unknown) => CoordinatorRequest = messages<
  CoordinatorRequest
>({
  register: { request, id: memberId, address, takeOver: flag },
  reconnect: { request, id: memberId, address, takeOver: flag },
  disconnect: { request, id: memberId, session: optional(session) },
  deregister: { request, id: memberId, session: optional(session) },
  msend: { request, id: memberId, session: optional(session), payload: bytes(MAX_TEXT_BYTES) },
  status: {},
});

/** Types a decoded reply.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeCoordinatorReply: (value: unknown) => CoordinatorReply = messages<
  CoordinatorReply
>({
  ok: { request, seq, store },
  error: { request: text(0, MAX_REQUEST), reason, standing: optional(oneOf(STANDINGS)) },
  status: {
    store,
    tdMs: number(0, MAX_COUNT),
    lastSeq: seq,
    kept: integer(0, MAX_COUNT),
    uptimeMs: number(0, MAX_COUNT),
    rates: record<Rates>({
      storedPerSecond: number(0, MAX_COUNT),
      deliveredPerSecond: number(0, MAX_COUNT),
    }),
    members: array(
      record<MemberStatus>({
        id: memberId,
        state: oneOf(["online", "offline"]),
        address,
        connected: boolean,
        backlog: integer(0, MAX_COUNT),
        inFlight: integer(0, MAX_COUNT),
        lastAckAgeMs: nullable(number(0, MAX_COUNT)),
      }),
      MAX_MEMBERS,
    ),
  },
});

/** Types what a participant says on a delivery connection.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeDeliveryReply: (value: unknown) => DeliveryReply = messages<DeliveryReply>({
  opened: { id: memberId, session, logged: seq },
  logged: { seq },
  error: { reason },
});

/** A `deliver` as it stands on the wire. */
interface DeliverColumns {
  readonly type: "deliver";
  readonly first: number;
  readonly messages: readonly unknown[];
}

const decodeColumns = messages<Open | DeliverColumns | Close>({
  open: { store, id: memberId, session, after: seq },
  close: { why: oneOf(LINK_ENDS) },
  deliver: {
    first: integer(1, MAX_COUNT),
    messages: (value, field) => {
      if (!Array.isArray(value) || value.length === 0 || value.length % 3 !== 0) {
        throw new TypeError(`Field ${field} must be an array of three elements for each message`);
      }
      return value;
    },
  },
});

/** Types what the coordinator says on a delivery connection. Payloads are views on the message that
 * they came in.
 *
 * @throws {TypeError} naming the field that is wrong. */
export function decodeDeliveryMessage(value: unknown): DeliveryMessage {
  const decoded = decodeColumns(value);
  if (decoded.type !== "deliver") return decoded;
  return { type: "deliver", messages: rows(decoded.first, decoded.messages) };
}

const time = integer(0, MAX_COUNT);
const payload = bytes(MAX_TEXT_BYTES);

function rows(first: number, columns: readonly unknown[]): Message[] {
  const result: Message[] = [];
  // Neighbours often have the same sender, whose characters are looked at once then.
  let sender = "";
  for (let i = 0; i < columns.length; i += 3) {
    if (columns[i + 1] !== sender) sender = memberId(columns[i + 1], `messages[${i + 1}]`);
    result.push({
      seq: first + i / 3,
      at: time(columns[i], `messages[${i}]`),
      sender,
      payload: payload(columns[i + 2], `messages[${i + 2}]`),
    });
  }
  return result;
}
