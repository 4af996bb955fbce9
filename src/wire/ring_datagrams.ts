/**
 * The datagrams of a token ring. The format is in docs/PROTOCOL.md: each is one msgpack array, the
 * format's number, the kind, the ring and the sender first.
 *
 * ```ts
 * import { RingDatagrams } from "./ring_datagrams.ts";
 *
 * const first = new RingDatagrams({ group: 7, self: 0, size: 3 });
 * const second = new RingDatagrams({ group: 7, self: 1, size: 3 });
 * const bytes = first.encode({ type: "leave", incarnation: 5 });
 * const reading = second.decode(bytes);
 * console.assert(typeof reading === "object" && reading.message.type === "leave");
 * ```
 *
 * They go through the library, but for those that take part in every hop: see `ring_templates.ts`.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import {
  GRANTS_PER_EPOCH,
  MAX_EPOCH,
  MAX_NODES,
  type RingMember,
  type RingMessage,
  type RingView,
  type TokenAge,
  type TokenMessage,
} from "../protocols/token_ring/messages.ts";
import { DATAGRAM_VERSION } from "./datagram_writer.ts";
import { decodeValue, encodeValue } from "./msgpack.ts";
import { type RingDatagram, RingTemplates } from "./ring_templates.ts";
import { boolean, type Check, integer, nullable, number } from "./validation.ts";

/** The kinds of a ring's datagrams, beside those of frames and chats. */
export const RingDatagramKind = {
  token: 16,
  ack: 17,
  hello: 18,
  want: 19,
  leave: 20,
  renew: 21,
  support: 22,
  propose: 23,
  promise: 24,
  refuse: 25,
} as const satisfies Readonly<Record<RingMessage["type"], number>>;

/** The highest number of an incarnation. */
export const MAX_INCARNATION = 0xffff_ffff;

/** The longest time that somebody may be asked to wait, in milliseconds: the longest lease. */
export const MAX_WAIT_MS = 3_600_000;

/** No token is larger: a view of 64 members, and as many who wait. */
export const MAX_TOKEN_BYTES = 2048;

/** Format, kind, ring and sender. */
const HEADER_ELEMENTS = 4;

/** Whose datagrams they are. */
export interface RingDatagramOptions {
  /** Tells this ring from others: an integer from 0 to 2^53 - 1. */
  readonly group: number;
  readonly self: ProcessId;
  /** How many machines the file has. */
  readonly size: number;
}

/** What {@linkcode RingDatagrams.decode} found. */
export type RingReading = RingDatagram | "other ring" | "malformed";

/** What stands behind the header, for each type of message. */
type Fields = readonly unknown[];

/** Writes and reads the datagrams of one node. */
export class RingDatagrams {
  readonly #group: number;
  readonly #self: ProcessId;
  readonly #size: number;
  readonly #scratch = new Uint8Array(MAX_TOKEN_BYTES);
  readonly #templates = new RingTemplates((message) => this.#write(message));

  /** @throws {RangeError} if the ring is larger than 64 machines. */
  constructor({ group, self, size }: RingDatagramOptions) {
    if (size > MAX_NODES) throw new RangeError(`A ring has at most ${MAX_NODES} machines`);
    this.#group = group;
    this.#self = self;
    this.#size = size;
  }

  /** Writes a message, into memory of its own. */
  encode(message: RingMessage): Uint8Array {
    if (message.type === "token") {
      return this.#scratch.slice(0, this.writeToken(message, this.#scratch, 0));
    }
    if (message.type === "ack") return this.#templates.writeAck(message);
    return this.#write(message);
  }

  /** Writes a token to `target` from `at` on, and returns the offset behind it. There must be room for
   * {@linkcode MAX_TOKEN_BYTES}. */
  writeToken(message: TokenMessage, target: Uint8Array, at: number): number {
    return this.#templates.writeToken(message, this.#self, target, at);
  }

  /** Reads a datagram. All of it is checked before any of it is handed over. */
  decode(bytes: Uint8Array): RingReading {
    const known = this.#templates.read(bytes);
    if (known !== null) return known;
    try {
      const reading = this.#read(decodeValue(bytes));
      if (typeof reading !== "string") this.#templates.learn(bytes, reading);
      return reading;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return "malformed";
      throw error;
    }
  }

  #write(message: RingMessage): Uint8Array {
    const kind = RingDatagramKind[message.type];
    const header = [DATAGRAM_VERSION, kind, this.#group, this.#self];
    // The library's buffer is used again, and a datagram is kept.
    return encodeValue(header.concat(fieldsOf(message) as number[])).slice();
  }

  #read(value: unknown): RingReading {
    if (!Array.isArray(value) || value.length < HEADER_ELEMENTS) return "malformed";
    const [version, kind, ring, from] = value;
    const read = version === DATAGRAM_VERSION ? READERS.get(kind) : undefined;
    if (read === undefined || value.length !== HEADER_ELEMENTS + read.elements) return "malformed";
    if (group(ring, "group") !== this.#group) return "other ring";
    if (node(from, "from") === this.#self || from >= this.#size) return "malformed";
    const message = read.message(value.slice(HEADER_ELEMENTS));
    return namesOnly(message, this.#size) ? { from, message } : "malformed";
  }
}

// --- fields

const group = integer(0, Number.MAX_SAFE_INTEGER);
const node = integer(0, MAX_NODES - 1);
const next = nullable(node);
const incarnation = integer(1, MAX_INCARNATION);
const epoch = integer(1, MAX_EPOCH);
/** 0 stands for the time before the first. */
const epochOrNone = integer(0, MAX_EPOCH);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const clock = number(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

function fieldsOf(message: RingMessage): Fields {
  switch (message.type) {
    case "token": {
      const { epoch, sequence, grants, view, waiting } = message.token;
      return [message.to, epoch, sequence, grants, waiting, view.number, columnsOf(view)];
    }
    case "ack":
      return [message.epoch, message.sequence];
    case "hello":
    case "want":
      return [message.incarnation, message.next];
    case "leave":
      return [message.incarnation];
    case "renew": {
      const { epoch, sequence, incarnation, sentAt, isLease, fence, hasQuorum, view } = message;
      const said = [epoch, sequence, incarnation, sentAt, isLease, fence, hasQuorum];
      return [...said, view.number, columnsOf(view)];
    }
    case "support":
      return [message.epoch, message.incarnation, message.sentAt, message.isLease];
    case "propose":
      return [message.epoch, message.incarnation, message.last.epoch, message.last.sequence];
    case "promise": {
      const { epoch, incarnation, next, last, viewNumber } = message;
      return [epoch, incarnation, next, last.epoch, last.sequence, viewNumber];
    }
    case "refuse":
      return [message.epoch, message.promised, message.waitMs];
  }
}

/** How to read one kind. */
interface Reader {
  /** How many elements it has behind the header. */
  readonly elements: number;
  message(fields: Fields): RingMessage;
}

const READERS: ReadonlyMap<unknown, Reader> = new Map<number, Reader>([
  [RingDatagramKind.token, {
    elements: 7,
    message: ([to, age, sequence, grants, waiting, number, members]) => ({
      type: "token",
      to: incarnation(to, "to"),
      token: {
        epoch: epoch(age, "epoch"),
        sequence: count(sequence, "sequence"),
        grants: integer(0, GRANTS_PER_EPOCH)(grants, "grants"),
        view: view(number, members),
        waiting: nodes(waiting, "waiting"),
      },
    }),
  }],
  [RingDatagramKind.ack, {
    elements: 2,
    message: ([age, sequence]) => ({ type: "ack", ...tokenAge(epoch, age, sequence) }),
  }],
  [RingDatagramKind.hello, {
    elements: 2,
    message: (fields) => ({ type: "hello", ...newcomer(fields) }),
  }],
  [RingDatagramKind.want, {
    elements: 2,
    message: (fields) => ({ type: "want", ...newcomer(fields) }),
  }],
  [RingDatagramKind.leave, {
    elements: 1,
    message: ([who]) => ({ type: "leave", incarnation: incarnation(who, "incarnation") }),
  }],
  [RingDatagramKind.renew, {
    elements: 9,
    message: ([age, sequence, who, at, isLease, fence, hasQuorum, number, members]) => ({
      type: "renew",
      ...tokenAge(epoch, age, sequence),
      incarnation: incarnation(who, "incarnation"),
      sentAt: clock(at, "sentAt"),
      isLease: boolean(isLease, "isLease"),
      fence: nullable(count)(fence, "fence"),
      hasQuorum: boolean(hasQuorum, "hasQuorum"),
      view: view(number, members),
    }),
  }],
  [RingDatagramKind.support, {
    elements: 4,
    message: ([age, who, at, isLease]) => ({
      type: "support",
      epoch: epoch(age, "epoch"),
      incarnation: incarnation(who, "incarnation"),
      sentAt: clock(at, "sentAt"),
      isLease: boolean(isLease, "isLease"),
    }),
  }],
  [RingDatagramKind.propose, {
    elements: 4,
    message: ([age, who, lastEpoch, lastSequence]) => ({
      type: "propose",
      epoch: epoch(age, "epoch"),
      incarnation: incarnation(who, "incarnation"),
      last: tokenAge(epochOrNone, lastEpoch, lastSequence),
    }),
  }],
  [RingDatagramKind.promise, {
    elements: 6,
    message: ([age, who, after, lastEpoch, lastSequence, viewNumber]) => ({
      type: "promise",
      epoch: epoch(age, "epoch"),
      incarnation: incarnation(who, "incarnation"),
      next: next(after, "next"),
      last: tokenAge(epochOrNone, lastEpoch, lastSequence),
      viewNumber: count(viewNumber, "viewNumber"),
    }),
  }],
  [RingDatagramKind.refuse, {
    elements: 3,
    message: ([age, promised, waitMs]) => ({
      type: "refuse",
      epoch: epoch(age, "epoch"),
      promised: epochOrNone(promised, "promised"),
      waitMs: number(0, MAX_WAIT_MS)(waitMs, "waitMs"),
    }),
  }],
]);

function newcomer([who, after]: Fields) {
  return { incarnation: incarnation(who, "incarnation"), next: next(after, "next") };
}

function tokenAge(check: Check<number>, age: unknown, sequence: unknown): TokenAge {
  return { epoch: check(age, "epoch"), sequence: count(sequence, "sequence") };
}

// --- views

/** What a member takes in the array of them: node, incarnation, whom it wants after itself. */
const MEMBER_ELEMENTS = 3;

function columnsOf({ members }: RingView): Fields {
  const columns: (number | null)[] = [];
  for (const { node, incarnation, next } of members) columns.push(node, incarnation, next);
  return columns;
}

/** Somebody, and nobody twice. */
function view(number: unknown, columns: unknown): RingView {
  const length = Array.isArray(columns) ? columns.length : 0;
  if (length === 0 || length % MEMBER_ELEMENTS !== 0) throw wrong("members", "triples");
  const fields = columns as unknown[];
  const members: RingMember[] = [];
  for (let i = 0; i < length; i += MEMBER_ELEMENTS) {
    members.push({
      node: node(fields[i], "members"),
      incarnation: incarnation(fields[i + 1], "members"),
      next: next(fields[i + 2], "members"),
    });
  }
  refuseTwice(members.map((member) => member.node), "members");
  return { number: count(number, "viewNumber"), members };
}

const nodes: Check<readonly ProcessId[]> = (value, field) => {
  if (!Array.isArray(value)) throw wrong(field, "an array");
  for (const element of value) node(element, field);
  refuseTwice(value, field);
  return value;
};

function refuseTwice(numbers: readonly number[], field: string): void {
  for (let i = 1; i < numbers.length; i++) {
    if (numbers.indexOf(numbers[i]!) < i) throw wrong(field, "different nodes");
  }
}

function wrong(field: string, expected: string): TypeError {
  return new TypeError(`Field ${field} must be ${expected}`);
}

/** Whether all nodes that a message names are in a file of `size` machines. */
function namesOnly(message: RingMessage, size: number): boolean {
  const isKnown = (node: ProcessId | null) => node === null || node < size;
  switch (message.type) {
    case "token":
      return message.token.waiting.every(isKnown) && areKnown(message.token.view, isKnown);
    case "renew":
      return areKnown(message.view, isKnown);
    case "hello":
    case "want":
    case "promise":
      return isKnown(message.next);
    case "ack":
    case "leave":
    case "support":
    case "propose":
    case "refuse":
      return true; // They name nobody.
  }
}

function areKnown({ members }: RingView, isKnown: (node: ProcessId | null) => boolean): boolean {
  return members.every(({ node, next }) => isKnown(node) && isKnown(next));
}
