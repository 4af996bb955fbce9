/**
 * A chat's datagrams: greetings and invitations, and the frames of each view, which is a run.
 *
 * @module
 */

import type { ChatContact, Greeting, ViewPlan } from "../protocols/chat/chat_messages.ts";
import type { ChatGroup } from "../protocols/chat/chat_group.ts";
import { Frame } from "../protocols/frame.ts";
import type { FrameOutbox } from "../protocols/outbox.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Address } from "../wire/address.ts";
import {
  type ChatDatagram,
  decodeChatDatagram,
  encodeGreeting,
  encodeInvitation,
  isChatDatagram,
} from "../wire/chat_messages.ts";
import { DatagramReader } from "../wire/datagram_reader.ts";
import { DatagramWriter, headerBytes } from "../wire/datagram_writer.ts";
import type { AddressBook } from "./address_book.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import { LinkEmulator } from "./link_emulator.ts";
import { combineLinks, type LinkSpec, PERFECT_LINK } from "./link_spec.ts";

/** A datagram of this size passes every path of the internet unfragmented but the oddest. */
const MAX_DATAGRAM_BYTES = 1400;

/** How large a fragment may be in a view of `size` members, in bytes. */
export function fragmentBytesOf(size: number): number {
  return MAX_DATAGRAM_BYTES - headerBytes(size);
}

/** What a network is made of. */
export interface ChatNetworkOptions {
  /** The same at all who may be in one chat. */
  readonly group: number;
  /** Decides what the emulated links do. */
  readonly seed: number;
  readonly link: Partial<LinkSpec> | undefined;
  readonly socket: DatagramSocket;
  readonly book: AddressBook;
  /** Where a contact is: what a static list says goes before what the contact says of itself. */
  readonly addressOf: (contact: ChatContact) => Address;
}

/** A view whose frames are taken in. */
interface OpenRun {
  readonly reader: DatagramReader;
  readonly frame: Frame;
}

/** The way from one member to all others. */
export class ChatNetwork {
  readonly #options: ChatNetworkOptions;
  readonly #emulator: LinkEmulator;
  readonly #runs = new Map<number, OpenRun>();
  /** By the numbers that the emulator knows them by. */
  readonly #destinations: Deno.NetAddr[] = [];

  /** Datagrams that made no sense. */
  malformed = 0;

  constructor(options: ChatNetworkOptions) {
    this.#options = options;
    const link = combineLinks(PERFECT_LINK, options.link ?? {});
    this.#emulator = new LinkEmulator({
      seed: options.seed,
      process: 0,
      links: () => link,
      transmit: (to, datagram) => options.socket.send(datagram, this.#destinations[to]!),
    });
  }

  /** Takes in a datagram for `chat`. Those of other groups and runs are left alone. */
  receive(bytes: Uint8Array, chat: ChatGroup, now: Millis): void {
    if (isChatDatagram(bytes)) this.#receiveMessage(bytes, chat, now);
    else this.#receiveFrame(bytes, chat, now);
  }

  /** Sends a greeting. */
  greet(to: ChatContact, greeting: Greeting): void {
    const datagram = encodeGreeting(greeting);
    // Of two with one name the list has only the other one's address.
    if (greeting.state === "taken") this.#sendTo(to, datagram);
    else this.#send(datagram, to);
  }

  /** Sends an invitation. */
  invite(to: ChatContact, plan: ViewPlan): void {
    this.#send(encodeInvitation(this.#options.group, plan), to);
  }

  /** Opens the way for the frames of a view in which this member has the number `self`. */
  open({ run, members }: ViewPlan, self: ProcessId): FrameOutbox {
    const size = members.length;
    const reader = new DatagramReader(run, self, size);
    this.#runs.set(run, { reader, frame: new Frame(size) });
    const writer = new DatagramWriter(run, MAX_DATAGRAM_BYTES);
    return {
      send: (to, frame) =>
        writer.write(frame, (datagram) => this.#send(datagram.slice(), members[to]!)),
      multicast: (frame) =>
        writer.write(frame, (datagram) => {
          const copy = datagram.slice();
          for (const [q, member] of members.entries()) if (q !== self) this.#send(copy, member);
        }),
    };
  }

  /** The frames of this view are neither sent nor taken in any more. */
  closeView({ run }: ViewPlan): void {
    this.#runs.delete(run);
  }

  /** Resolves when everything that was sent is on the real network. */
  drained(): Promise<void> {
    return this.#emulator.drained();
  }

  /** Sends nothing more. */
  close(): void {
    this.#emulator.close();
  }

  #receiveMessage(bytes: Uint8Array, chat: ChatGroup, now: Millis): void {
    let message: ChatDatagram;
    try {
      message = decodeChatDatagram(bytes);
    } catch {
      this.malformed++;
      return;
    }
    if (message.type === "greeting") chat.receiveGreeting(message.greeting, now);
    else if (message.group === this.#options.group) chat.receiveInvitation(message.plan, now);
  }

  #receiveFrame(bytes: Uint8Array, chat: ChatGroup, now: Millis): void {
    for (const [run, { reader, frame }] of this.#runs) {
      const reading = reader.read(bytes, frame);
      if (reading === "other run") continue;
      if (reading === "malformed" || !chat.receiveFrame(run, frame, now)) this.malformed++;
      return;
    }
  }

  /** The datagram must not change afterwards. */
  #send(datagram: Uint8Array, to: ChatContact): void {
    this.#sendTo(this.#options.addressOf(to), datagram);
  }

  #sendTo(address: Address, datagram: Uint8Array): void {
    const destination = this.#options.book.find(address);
    if (destination === undefined) return;
    this.#destinations[destination.index] = destination.address;
    this.#emulator.send(destination.index, datagram);
  }
}
