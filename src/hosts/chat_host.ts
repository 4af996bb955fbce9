/**
 * A chat's member on a real socket and a real clock.
 *
 * @module
 */

import { isIPv6 } from "node:net";
import { ChatGroup } from "../protocols/chat/chat_group.ts";
import type {
  ChatContact,
  ChatIdentity,
  ChatNews,
  ChatPresence,
} from "../protocols/chat/chat_messages.ts";
import type { ChatOutbox } from "../protocols/chat/chat_outbox.ts";
import type { Millis } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import type { Address } from "../wire/address.ts";
import { chatCodec, MAX_CHAT_HOST } from "../wire/chat_messages.ts";
import { AddressBook } from "./address_book.ts";
import { ChatNetwork, fragmentBytesOf } from "./chat_network.ts";
import { ChatRoll } from "./chat_roll.ts";
import { type DatagramHandler, DatagramSocket } from "./datagram_socket.ts";
import type { LinkSpec } from "./link_spec.ts";
import { resolveHost } from "./resolve.ts";

export type { ChatPresence };

/** Where a member of a chat that is a manager's receives unless told otherwise. */
const ANY_LOCAL_PORT: Address = { host: "127.0.0.1", port: 0 };

/** Who leaves is gone after this time, however much goes on. */
const LEAVE_WITHIN_MS: Millis = 60_000;

/** What a chat tells its user. */
export type ChatEvent = { readonly type: "listening"; readonly address: Address } | ChatNews;

/** A member of a static group. */
export interface ChatMember {
  readonly name: string;
  readonly address: Address;
}

/** Who may be in the chat: a fixed list, the same for all, or whoever is registered. */
export type ChatGroupSource =
  | { readonly kind: "static"; readonly members: readonly ChatMember[] }
  | {
    readonly kind: "manager";
    readonly manager: Address;
    /** Where others are told to send, if not to where the socket is. Port 0 is the socket's. */
    readonly advertise?: Address;
  };

/** How a member takes part. */
export interface ChatHostOptions {
  /** 1 to 64 characters, none of them a control character. */
  readonly name: string;
  readonly group: ChatGroupSource;
  /** Where to receive (UDP). By default the own address in a static group's list, or any port of
   * the loopback address. */
  readonly listen?: Address;
  /** The emulated link to each other member. */
  readonly link?: Partial<LinkSpec>;
  /** Told what happens, first of all `listening`. */
  readonly onEvent: (event: ChatEvent) => void;
}

/** A member of a chat. */
export class ChatHost implements DatagramHandler {
  readonly #options: ChatHostOptions;
  readonly #left = Promise.withResolvers<void>();
  #socket!: DatagramSocket;
  #network!: ChatNetwork;
  #chat: ChatGroup | null = null;
  #roll: ChatRoll | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Infinity;
  #closed: Promise<void> | undefined;

  /**
   * Opens the socket, registers if the group is a manager's, and begins.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   * @throws {RangeError} The name is not among those of a static group.
   */
  static async open(options: ChatHostOptions): Promise<ChatHost> {
    const host = new ChatHost(options);
    host.#socket = await DatagramSocket.open(listenAddress(options), host);
    try {
      await host.#begin();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  private constructor(options: ChatHostOptions) {
    this.#options = options;
  }

  /** Where it receives. */
  get address(): Address {
    return this.#socket.address;
  }

  /** Datagrams that made no sense. */
  get malformed(): number {
    return this.#network.malformed;
  }

  /** Everybody in the chat, in the order in which they came; then those who are known and not in
   * it. */
  get who(): readonly ChatPresence[] {
    return this.#chat?.who(performance.now()) ?? [];
  }

  /** Multicasts a line, now or as soon as that is possible.
   *
   * @throws {RangeError} The line is longer than 64 KiB, or too many wait already.
   * @throws {Error} The member is leaving or has left. */
  say(text: string): void {
    if (this.#closed !== undefined) throw new Error("Who has left can say nothing more");
    this.#chat?.say(text);
    this.#socket.scheduleTurn();
  }

  /** Says goodbye. Resolves when the others can go on without this one, or after a bounded time.
   * The sockets stay open until {@linkcode close}. */
  async leave(): Promise<void> {
    if (this.#closed !== undefined || this.#chat === null) return;
    this.#chat.leave();
    this.#socket.scheduleTurn();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, LEAVE_WITHIN_MS);
    // The last words may be on an emulated network: without them the others would wait for long.
    const gone = this.#left.promise.then(() => this.#network.drained());
    await Promise.race([late.promise, gone]);
    clearTimeout(timer);
  }

  /** Ends at once. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  // --- DatagramHandler

  /** @ignore */
  receive(bytes: Uint8Array): void {
    if (this.#chat !== null) this.#network.receive(bytes, this.#chat, performance.now());
  }

  /** @ignore */
  endTurn(): void {
    if (this.#chat === null || this.#closed !== undefined) return;
    this.#chat.tick(performance.now());
    if (this.#chat.left) this.#left.resolve();
    this.#schedule(this.#chat.deadline);
  }

  async #begin(): Promise<void> {
    const { group, onEvent, link } = this.#options;
    const nonce = drawNumber();
    const static_ = group.kind === "static" ? contactsOf(group.members) : null;
    const addresses = new Map(static_?.map((contact) => [contact.name, contact]));
    const number = groupNumber(static_ ?? []);
    const { socket, address } = { socket: this.#socket, address: this.address };
    this.#network = new ChatNetwork({
      group: number,
      seed: nonce,
      link,
      socket,
      book: new AddressBook(isIPv6(address.host) ? 6 : 4),
      addressOf: (contact) => addresses.get(contact.name) ?? contact,
    });
    onEvent({ type: "listening", address });
    if (static_ !== null) {
      this.#join({ ...address, name: this.#options.name, nonce }, number, "static", static_);
    } else {
      await this.#register(nonce, number);
    }
  }

  /** Registers and takes from the list what others know this member by. */
  async #register(nonce: number, number: number): Promise<void> {
    const { group, name, onEvent } = this.#options;
    if (group.kind !== "manager") return;
    const roll = await ChatRoll.open({
      manager: group.manager,
      name,
      udp: advertised(group.advertise, this.address),
      controlHost: this.address.host,
      onTrouble: (reason) => onEvent({ type: "warning", reason }),
    });
    this.#roll = roll;
    const contacts = await roll.read();
    const own = contacts.find((contact) => contact.name === name) ?? { name, ...this.address };
    const host = own.host.length <= MAX_CHAT_HOST ? own.host : await resolveHost(own.host);
    this.#join({ ...own, host, nonce }, number, "open", contacts);
    roll.watch(() => this.#chat?.isSeeking ?? false, (found) => {
      this.#chat?.meet(found);
      this.#socket.scheduleTurn();
    });
  }

  #join(
    self: ChatIdentity,
    group: number,
    kind: "static" | "open",
    contacts: readonly ChatContact[],
  ): void {
    const network = this.#network;
    const outbox: ChatOutbox = {
      greet: (to, greeting) => network.greet(to, greeting),
      invite: (to, plan) => network.invite(to, plan),
      openFrames: (plan, number) => network.open(plan, number),
      closeFrames: (plan) => network.closeView(plan),
      news: (news) => this.#options.onEvent(news),
    };
    const random = new Random([self.nonce, drawNumber()]);
    this.#chat = new ChatGroup(
      { self, group, kind, codec: chatCodec, fragmentBytes: fragmentBytesOf, random },
      outbox,
    );
    this.#chat.meet(contacts);
    this.#socket.scheduleTurn();
  }

  #schedule(at: Millis): void {
    const now = performance.now();
    if (at <= now) {
      this.#socket.scheduleTurn();
    } else if (at < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = at;
      this.#timer = setTimeout(this.#onTimer, at - now);
    } // A timer that is too early does no harm: it looks again.
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Infinity;
    this.endTurn();
  };

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#left.resolve();
    this.#chat?.abandon();
    this.#network?.close();
    await this.#roll?.close();
    await this.#socket.close();
  }
}

/** Where to receive.
 *
 * @throws {RangeError} The name is not among those of a static group. */
function listenAddress({ name, group, listen }: ChatHostOptions): Address {
  if (group.kind === "manager") return listen ?? ANY_LOCAL_PORT;
  const own = group.members.find((member) => member.name === name);
  if (own === undefined) throw new RangeError(`${name} is not among the members`);
  return listen ?? own.address;
}

function advertised(advertise: Address | undefined, own: Address): Address {
  if (advertise === undefined) return own;
  return advertise.port === 0 ? { host: advertise.host, port: own.port } : advertise;
}

function contactsOf(members: readonly ChatMember[]): ChatContact[] {
  return members.map(({ name, address: { host, port } }) => ({ name, host, port }));
}

/** A number that is the same for the same names in any order: FNV-1a. A static group's addresses may
 * be written differently at different places. */
function groupNumber(contacts: readonly ChatContact[]): number {
  const names = contacts.map(({ name }) => name).sort().join("\0");
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(names)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) || 1;
}

/** 1 to 2^32 - 1. */
function drawNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! || 1;
}
