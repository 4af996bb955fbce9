/**
 * What members of a chat say, as bytes: greetings and invitations, each a datagram, and the payloads
 * that are multicast in a view. The format is in docs/PROTOCOL.md.
 *
 * These are rare, so unlike frames they go through the library.
 *
 * @module
 */

import type {
  ChatCodec,
  ChatIdentity,
  ChatPayload,
  Greeting,
  GreetingState,
  ViewPlan,
} from "../protocols/chat/chat_messages.ts";
import { MAX_GROUP_SIZE, MAX_SEQ } from "../protocols/frame.ts";
import { DATAGRAM_VERSION } from "./datagram_writer.ts";
import { decodeValue, encodeValue } from "./msgpack.ts";
import { array, type Check, integer, text } from "./validation.ts";

/** The kinds of a chat's datagrams, beside those of frames. */
export const ChatDatagramKind = { greeting: 8, invitation: 9 } as const;

/** The longest line, in bytes of UTF-8. */
export const MAX_LINE_BYTES = 65_536;

/** The longest name of a member, in UTF-16 units. */
export const MAX_CHAT_NAME = 64;

/** The longest host, in characters. An invitation of a full chat still fits a datagram. */
export const MAX_CHAT_HOST = 64;

/** What is in a payload. */
const PayloadKind = { line: 0, change: 1 } as const;

/** By their numbers on the wire. */
const STATES: readonly GreetingState[] = [
  "outside",
  "inside",
  "gone",
  "barred",
  "released",
  "taken",
  "stuck",
];

/** A chat's datagram. */
export type ChatDatagram =
  | { readonly type: "greeting"; readonly greeting: Greeting }
  | { readonly type: "invitation"; readonly group: number; readonly plan: ViewPlan };

const name = text(1, MAX_CHAT_NAME);
const port = integer(1, 65_535);
const positive = integer(1, MAX_SEQ);
const count = integer(0, MAX_SEQ);
const encoder = new TextEncoder();

const host: Check<string> = (value, field) => {
  if (typeof value === "string" && value.length <= MAX_CHAT_HOST && /^[\w.:%-]+$/.test(value)) {
    return value;
  }
  throw new TypeError(`Field ${field} must be a host of 1 to ${MAX_CHAT_HOST} characters`);
};

/** Writes a greeting as a datagram. */
export function encodeGreeting({ group, from, state, chat, size }: Greeting): Uint8Array {
  const number = STATES.indexOf(state);
  return encode([
    DATAGRAM_VERSION,
    ChatDatagramKind.greeting,
    group,
    ...identityFields(from),
    number,
    chat,
    size,
  ]);
}

/** Writes an invitation to the chats of `group` as a datagram. */
export function encodeInvitation(group: number, plan: ViewPlan): Uint8Array {
  const { chat, number, attempt, run, coordinator, members } = plan;
  return encode([
    DATAGRAM_VERSION,
    ChatDatagramKind.invitation,
    group,
    chat,
    number,
    attempt,
    run,
    coordinator,
    members.map(identityFields),
  ]);
}

/** Does a datagram say that it is a chat's? Then it is no frame. */
export function isChatDatagram(bytes: Uint8Array): boolean {
  const kind = bytes[2];
  return bytes[1] === DATAGRAM_VERSION &&
    (kind === ChatDatagramKind.greeting || kind === ChatDatagramKind.invitation);
}

/**
 * Reads a datagram for which {@linkcode isChatDatagram} holds.
 *
 * @throws {SyntaxError | TypeError} saying what is wrong with it.
 */
export function decodeChatDatagram(bytes: Uint8Array): ChatDatagram {
  const kind = bytes[2];
  if (kind === ChatDatagramKind.greeting) return decodeGreeting(elements(decodeValue(bytes), 10));
  return decodeInvitation(elements(decodeValue(bytes), 9));
}

/** Reads and writes what is multicast in a view. */
export const chatCodec: ChatCodec = {
  encode(payload) {
    if (payload.type === "change") {
      return encode([PayloadKind.change, payload.run, payload.members.map(identityFields)]);
    }
    const line = payload.text.toWellFormed();
    const bytes = encoder.encode(line).length;
    if (bytes > MAX_LINE_BYTES) {
      throw new RangeError(`A line has at most ${MAX_LINE_BYTES} bytes, not ${bytes}`);
    }
    return encode([PayloadKind.line, payload.seq, line]);
  },
  decode(bytes) {
    try {
      return decodePayload(elements(decodeValue(bytes), 3));
    } catch {
      return null;
    }
  },
};

function decodeGreeting(fields: readonly unknown[]): ChatDatagram {
  const greeting: Greeting = {
    group: positive(fields[2], "group"),
    from: identity(fields.slice(3, 7), "from"),
    state: STATES[integer(0, STATES.length - 1)(fields[7], "state")]!,
    chat: count(fields[8], "chat"),
    size: integer(0, MAX_GROUP_SIZE)(fields[9], "size"),
  };
  return { type: "greeting", greeting };
}

function decodeInvitation(fields: readonly unknown[]): ChatDatagram {
  const members = identities(fields[8], "members");
  const plan: ViewPlan = {
    chat: positive(fields[3], "chat"),
    number: positive(fields[4], "number"),
    attempt: count(fields[5], "attempt"),
    run: positive(fields[6], "run"),
    coordinator: integer(0, members.length - 1)(fields[7], "coordinator"),
    members,
  };
  return { type: "invitation", group: positive(fields[2], "group"), plan };
}

function decodePayload(fields: readonly unknown[]): ChatPayload {
  const [kind, number, content] = fields;
  if (kind === PayloadKind.change) {
    return {
      type: "change",
      run: positive(number, "run"),
      members: identities(content, "members"),
    };
  }
  if (kind !== PayloadKind.line) throw new TypeError("Field kind must be 0 or 1");
  if (typeof content !== "string" || encoder.encode(content).length > MAX_LINE_BYTES) {
    throw new TypeError(`Field text must be a string of at most ${MAX_LINE_BYTES} bytes`);
  }
  return { type: "line", seq: positive(number, "seq"), text: content };
}

function identityFields({ name, nonce, host, port }: ChatIdentity): unknown[] {
  return [name, nonce, host, port];
}

const identity: Check<ChatIdentity> = (value, field) => {
  const [who, nonce, where, at] = elements(value, 4);
  return {
    name: name(who, `${field}.name`),
    nonce: positive(nonce, `${field}.nonce`),
    host: host(where, `${field}.host`),
    port: port(at, `${field}.port`),
  };
};

/** At least one, and no name twice. */
const identities: Check<readonly ChatIdentity[]> = (value, field) => {
  const members = array(identity, MAX_GROUP_SIZE)(value, field);
  const names = new Set(members.map((member) => member.name));
  if (members.length > 0 && names.size === members.length) return members;
  throw new TypeError(`Field ${field} must have members of different names`);
};

function elements(value: unknown, length: number): readonly unknown[] {
  if (Array.isArray(value) && value.length === length) return value;
  throw new TypeError(`An array of ${length} elements is expected`);
}

/** The library's buffer is used again, and a datagram is kept. */
function encode(value: unknown[]): Uint8Array {
  return encodeValue(value).slice();
}
