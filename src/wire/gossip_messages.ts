/**
 * What the nodes of a gossip network say, as bytes. The format is in docs/PROTOCOL.md: each message is
 * one msgpack array, the format's number, the kind, the sender's record and news of members first.
 *
 * ```ts
 * import { decodeGossip, encodeGossip } from "./gossip_messages.ts";
 *
 * const from = { name: "a", address: "127.0.0.1:7001", incarnation: 1, state: "alive" } as const;
 * const bytes = encodeGossip({ type: "pull", from, news: [] });
 * console.assert(decodeGossip(bytes)?.type === "pull");
 * ```
 *
 * A message is the same in a datagram and in a frame over TCP.
 *
 * @module
 */

import {
  type DigestEntry,
  type Envelope,
  type GossipBody,
  type GossipMessage,
  MAX_MEMBERS,
  MAX_RUMOR_BYTES,
  type MemberRecord,
  type MemberState,
  type Rumor,
  type RumorId,
} from "../protocols/gossip/messages.ts";
import { readAddress } from "./address.ts";
import { DATAGRAM_VERSION } from "./datagram_writer.ts";
import { decodeValue, encodeValue } from "./msgpack.ts";
import { boolean, type Check, integer } from "./validation.ts";

/** The kinds of a gossip network's messages, beside those of other protocols. */
export const GossipKind = {
  push: 32,
  offer: 33,
  pull: 34,
  feedback: 35,
  receipt: 36,
  digest: 37,
  supply: 38,
  join: 39,
  welcome: 40,
  ping: 41,
  "ping-request": 42,
  ack: 43,
} as const satisfies Readonly<Record<GossipBody["type"], number>>;

/** No message is larger. */
export const MAX_GOSSIP_BYTES = 4 * 1024 * 1024;

/** A message names at most so many rumors, or processes of nodes. */
export const MAX_GOSSIP_ENTRIES = 10_000;

/** The longest name of a node, in characters. */
export const MAX_NODE_NAME = 64;

/** The most hops that a rumor counts: it may be sent on more often. */
export const MAX_HOPS = 0xffff_ffff;

/** By their numbers on the wire. */
const STATES: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** Format, kind, the four of the sender, news. */
const HEADER_ELEMENTS = 7;

/** What a record takes in an array of them: name, address, incarnation, state. */
const RECORD_ELEMENTS = 4;

/** What a rumor takes: origin, run, seq, hops, wantsReceipt, text. */
const RUMOR_ELEMENTS = 6;

/** What the name of a rumor takes: origin, run, seq. */
const ID_ELEMENTS = 3;

/** What a digest's entry takes: origin, run, and an array of firsts and lasts. */
const ENTRY_ELEMENTS = 3;

/** Values as they stand in the array. */
type Fields = readonly unknown[];

/** Writes a message, into memory of its own. */
export function encodeGossip(message: GossipMessage): Uint8Array {
  const { type, from, news } = message;
  const header = [DATAGRAM_VERSION, GossipKind[type], ...recordFields(from)];
  // The library's buffer is used again, and a message is kept.
  return encodeValue([...header, columns(news, recordFields), ...fieldsOf(message)]).slice();
}

/** Reads the bytes of one message; null if it is malformed. */
export function decodeGossip(bytes: Uint8Array): GossipMessage | null {
  return orNull(() => read(decodeValue(bytes)));
}

/** Reads a message that is decoded from msgpack already; null if it is malformed. */
export function readGossip(value: unknown): GossipMessage | null {
  return orNull(() => read(value));
}

function orNull(read: () => GossipMessage): GossipMessage | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

function read(value: unknown): GossipMessage {
  if (!Array.isArray(value) || value.length < HEADER_ELEMENTS) throw wrong("message", "an array");
  const [version, kind] = value;
  const reader = version === DATAGRAM_VERSION ? READERS.get(kind) : undefined;
  if (reader === undefined) throw wrong("kind", "known");
  if (value.length !== HEADER_ELEMENTS + reader.elements) throw wrong("message", "of its length");
  const envelope: Envelope = {
    from: record(value.slice(2, 2 + RECORD_ELEMENTS), "from"),
    news: records(value[HEADER_ELEMENTS - 1], "news"),
  };
  return { ...envelope, ...reader.body(value.slice(HEADER_ELEMENTS)) };
}

// --- bodies

function fieldsOf(message: GossipMessage): Fields {
  switch (message.type) {
    case "push":
      return [columns(message.rumors, rumorFields)];
    case "offer":
      return [columns(message.rumors, idFields)];
    case "pull":
    case "join":
      return [];
    case "feedback":
      return [columns(message.known, idFields), columns(message.fresh, idFields)];
    case "receipt":
      return [...idFields(message.rumor), counted(message.hops), message.isByRumor];
    case "digest":
      return [columns(message.entries, entryFields), message.isQuestion];
    case "supply":
      return [columns(message.rumors, rumorFields), message.isMore];
    case "welcome":
      return [columns(message.members, recordFields)];
    case "ping":
    case "ack":
      return [message.target, message.probe];
    case "ping-request":
      return [message.target, message.address, message.probe];
  }
}

/** How to read one kind. */
interface Reader {
  /** How many elements it has behind the header. */
  readonly elements: number;
  body(fields: Fields): GossipBody;
}

const READERS: ReadonlyMap<unknown, Reader> = new Map<number, Reader>([
  [GossipKind.push, {
    elements: 1,
    body: ([all]) => ({ type: "push", rumors: rumors(all, "rumors") }),
  }],
  [GossipKind.offer, {
    elements: 1,
    body: ([all]) => ({ type: "offer", rumors: ids(all, "rumors") }),
  }],
  [GossipKind.pull, { elements: 0, body: () => ({ type: "pull" }) }],
  [GossipKind.feedback, {
    elements: 2,
    body: ([known, fresh]) => ({
      type: "feedback",
      known: ids(known, "known"),
      fresh: ids(fresh, "fresh"),
    }),
  }],
  [GossipKind.receipt, {
    elements: ID_ELEMENTS + 2,
    body: (fields) => ({
      type: "receipt",
      rumor: id(fields, "rumor"),
      hops: hops(fields[ID_ELEMENTS], "hops"),
      isByRumor: boolean(fields[ID_ELEMENTS + 1], "isByRumor"),
    }),
  }],
  [GossipKind.digest, {
    elements: 2,
    body: ([all, isQuestion]) => ({
      type: "digest",
      entries: entries(all, "entries"),
      isQuestion: boolean(isQuestion, "isQuestion"),
    }),
  }],
  [GossipKind.supply, {
    elements: 2,
    body: ([all, isMore]) => ({
      type: "supply",
      rumors: rumors(all, "rumors"),
      isMore: boolean(isMore, "isMore"),
    }),
  }],
  [GossipKind.join, { elements: 0, body: () => ({ type: "join" }) }],
  [GossipKind.welcome, {
    elements: 1,
    body: ([members]) => ({ type: "welcome", members: records(members, "members") }),
  }],
  [GossipKind.ping, {
    elements: 2,
    body: ([target, probe]) => ({ type: "ping", ...probed(target, probe) }),
  }],
  [GossipKind["ping-request"], {
    elements: 3,
    body: ([target, where, probe]) => ({
      type: "ping-request",
      ...probed(target, probe),
      address: address(where, "address"),
    }),
  }],
  [GossipKind.ack, {
    elements: 2,
    body: ([target, probe]) => ({ type: "ack", ...probed(target, probe) }),
  }],
]);

function probed(target: unknown, probe: unknown) {
  return { target: name(target, "target"), probe: count(probe, "probe") };
}

// --- fields

const encoder = new TextEncoder();
const count = integer(0, Number.MAX_SAFE_INTEGER);
const positive = integer(1, Number.MAX_SAFE_INTEGER);
const hops = integer(0, MAX_HOPS);
const stateNumber = integer(0, STATES.length - 1);
/** Without what moves a cursor or separates words. The flag makes it count characters. */
const NAME = new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}]{1,${MAX_NODE_NAME}}$`, "u");

const name: Check<string> = (value, field) => {
  if (typeof value === "string" && NAME.test(value)) return value;
  throw wrong(field, `a name of 1 to ${MAX_NODE_NAME} characters`);
};

const address: Check<string> = (value, field) => {
  if (typeof value === "string" && readAddress(value) !== null) return value;
  throw wrong(field, "HOST:PORT");
};

const text: Check<string> = (value, field) => {
  if (typeof value === "string" && value.isWellFormed() && isShort(value)) return value;
  throw wrong(field, `a text of at most ${MAX_RUMOR_BYTES} bytes`);
};

/** Whether a text is no longer than a rumor may be. */
export function isShort(text: string): boolean {
  if (text.length > MAX_RUMOR_BYTES) return false;
  // No UTF-16 unit takes more than three bytes.
  return text.length * 3 <= MAX_RUMOR_BYTES || encoder.encode(text).length <= MAX_RUMOR_BYTES;
}

function recordFields({ name, address, incarnation, state }: MemberRecord): Fields {
  return [name, address, incarnation, STATES.indexOf(state)];
}

function record([who, where, incarnation, state]: Fields, field: string): MemberRecord {
  return {
    name: name(who, field),
    address: address(where, field),
    incarnation: count(incarnation, field),
    state: STATES[stateNumber(state, field)]!,
  };
}

function idFields({ origin, run, seq }: RumorId): Fields {
  return [origin, run, seq];
}

function id([origin, run, seq]: Fields, field: string): RumorId {
  return { origin: name(origin, field), run: count(run, field), seq: positive(seq, field) };
}

function rumorFields({ origin, run, seq, hops, wantsReceipt, text }: Rumor): Fields {
  return [origin, run, seq, counted(hops), wantsReceipt, text];
}

/** Somebody may have sent it with the most: it goes on from here all the same. */
function counted(hops: number): number {
  return Math.min(hops, MAX_HOPS);
}

function rumor(fields: Fields, field: string): Rumor {
  return {
    ...id(fields, field),
    hops: hops(fields[ID_ELEMENTS], field),
    wantsReceipt: boolean(fields[ID_ELEMENTS + 1], field),
    text: text(fields[ID_ELEMENTS + 2], field),
  };
}

function entryFields({ origin, run, pieces }: DigestEntry): Fields {
  return [origin, run, pieces.flat()];
}

function entry([origin, run, numbers]: Fields, field: string): DigestEntry {
  return { origin: name(origin, field), run: count(run, field), pieces: pieces(numbers, field) };
}

/** At least one piece, in ascending order, with something missing between any two. */
function pieces(value: unknown, field: string): readonly (readonly [number, number])[] {
  const numbers = table(value, 2, Infinity, field);
  if (numbers.length === 0) throw wrong(field, "of something");
  let before = -1;
  return Array.from({ length: numbers.length / 2 }, (_, i) => {
    const first = positive(numbers[2 * i], field);
    const last = positive(numbers[2 * i + 1], field);
    if (first <= before + 1 || last < first) throw wrong(field, "in ascending order");
    before = last;
    return [first, last] as const;
  });
}

// --- tables

/** Things as columns of one array. */
function columns<T>(things: readonly T[], fields: (thing: T) => Fields): Fields {
  return things.flatMap((thing) => fields(thing));
}

/** A check for such an array. */
function rows<T>(
  width: number,
  max: number,
  row: (fields: Fields, field: string) => T,
): Check<readonly T[]> {
  return (value, field) => {
    const fields = table(value, width, max, field);
    return Array.from(
      { length: fields.length / width },
      (_, i) => row(fields.slice(i * width, (i + 1) * width), field),
    );
  };
}

const records = rows(RECORD_ELEMENTS, MAX_MEMBERS, record);
const rumors = rows(RUMOR_ELEMENTS, MAX_GOSSIP_ENTRIES, rumor);
const ids = rows(ID_ELEMENTS, MAX_GOSSIP_ENTRIES, id);
const entries = rows(ENTRY_ELEMENTS, MAX_GOSSIP_ENTRIES, entry);

/** An array of at most `max` rows. */
function table(value: unknown, width: number, max: number, field: string): Fields {
  if (Array.isArray(value) && value.length % width === 0 && value.length <= max * width) {
    return value;
  }
  throw wrong(field, `an array of at most ${max} rows of ${width}`);
}

function wrong(field: string, expected: string): TypeError {
  return new TypeError(`Field ${field} must be ${expected}`);
}
