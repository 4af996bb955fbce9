/**
 * The way of a gossip network's messages: a UDP socket for small ones, TCP at the same port for large
 * ones. Either way a message may be lost.
 *
 * @module
 */

import type { GossipMessage } from "../protocols/gossip/messages.ts";
import type { Millis } from "../protocols/process.ts";
import { type Address, readAddress } from "../wire/address.ts";
import {
  decodeGossip,
  encodeGossip,
  MAX_GOSSIP_BYTES,
  readGossip,
} from "../wire/gossip_messages.ts";
import { AddressBook } from "./address_book.ts";
import { DatagramSocket } from "./datagram_socket.ts";
import { GOSSIP_DEADLINE_MS, GossipConnections } from "./gossip_connections.ts";
import { LinkEmulator } from "./link_emulator.ts";
import { combineLinks, type LinkSpec, PERFECT_LINK } from "./link_spec.ts";
import { RefusalChecks } from "./refusal_checks.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { TcpServer } from "./tcp_server.ts";

/** What is larger goes by TCP. Datagrams of this size pass every path of the internet whole. */
export const MAX_UDP_BYTES = 1200;

/** So many connections of others are served at a time. */
const MAX_CONNECTIONS = 128;

/** A connection that has brought no message by then is closed. */
const FIRST_FRAME_MS: Millis = 2000;

/** What a transport hands up. */
export interface GossipHandler {
  /** A message came. */
  receive(message: GossipMessage): void;
  /** Nobody listens at this address, as `check` has found out. */
  refused(address: string): void;
  /** What came has all been handed up: time to answer. */
  endTurn(): void;
  /** Whether there is anything to do at the end of the turn. */
  needsTurn(): boolean;
}

/** What went through a transport. */
export interface GossipTraffic {
  /** Messages sent as datagrams. */
  readonly datagrams: number;
  /** Messages sent over TCP. */
  readonly frames: number;
  /** Bytes of both, without the headers of UDP and TCP. */
  readonly bytes: number;
  /** Messages that were lost here: nobody to send to, or too much waiting. */
  readonly unsent: number;
  /** What came and made no sense. */
  readonly malformed: number;
}

/** Sends and receives until it is closed. */
export class GossipTransport {
  readonly #handler: GossipHandler;
  readonly #socket: DatagramSocket;
  readonly #server: TcpServer;
  readonly #book: AddressBook;
  readonly #emulator: LinkEmulator;
  /** By the numbers that the emulator knows them by. */
  readonly #destinations: Deno.NetAddr[] = [];
  readonly #connections = new GossipConnections();
  readonly #checks: RefusalChecks;
  #frames = 0;
  #frameBytes = 0;
  #unsent = 0;
  #malformed = 0;

  /**
   * Takes an address, for UDP and for TCP.
   *
   * @param link What happens to datagrams on the way out; connections are left alone.
   * @throws {Error} in one line that names the address, if it can't be had.
   */
  static async open(
    address: Address,
    handler: GossipHandler,
    link: Partial<LinkSpec> = {},
  ): Promise<GossipTransport> {
    let transport: GossipTransport | null = null;
    const socket = await DatagramSocket.open(address, {
      receive: (bytes) => transport?.receiveDatagram(bytes),
      endTurn: () => handler.endTurn(),
      needsTurn: () => handler.needsTurn(),
    });
    try {
      const server = await TcpServer.listen(
        { host: address.host, port: socket.address.port },
        async (connection) => await transport?.serve(connection),
        {
          maxConnections: MAX_CONNECTIONS,
          maxFrameBytes: MAX_GOSSIP_BYTES,
          deadlineMs: GOSSIP_DEADLINE_MS,
        },
      );
      return transport = new GossipTransport(socket, server, handler, link);
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  private constructor(
    socket: DatagramSocket,
    server: TcpServer,
    handler: GossipHandler,
    link: Partial<LinkSpec>,
  ) {
    this.#handler = handler;
    this.#socket = socket;
    this.#server = server;
    this.#book = new AddressBook(socket.address.host.includes(":") ? 6 : 4);
    const emulated = combineLinks(PERFECT_LINK, link);
    this.#emulator = new LinkEmulator({
      seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
      process: 0,
      links: () => emulated,
      transmit: (to, bytes) => socket.send(bytes, this.#destinations[to]!),
    });
    this.#checks = new RefusalChecks((refused) => handler.refused(refused));
  }

  /** Where it is. */
  get address(): Address {
    return this.#socket.address;
  }

  /** What went through. */
  get traffic(): GossipTraffic {
    const { datagrams, bytes, unsent } = this.#socket.counts;
    return {
      datagrams,
      frames: this.#frames,
      bytes: bytes + this.#frameBytes,
      unsent: unsent + this.#unsent,
      malformed: this.#malformed + this.#server.counters.malformed,
    };
  }

  /** How many connections this one has opened and keeps. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Sends a message to `HOST:PORT`, or loses it. */
  send(address: string, message: GossipMessage): void {
    const to = readAddress(address);
    const bytes = encodeGossip(message);
    if (to === null) this.#unsent++;
    else if (bytes.length <= MAX_UDP_BYTES) this.#sendDatagram(to, bytes);
    else this.#sendFrame(to, bytes);
  }

  /** Finds out whether anybody listens at `HOST:PORT`: if not, the handler is told. */
  check(address: string): void {
    const to = readAddress(address);
    if (to !== null) this.#checks.check(to);
  }

  /** Calls the handler's `endTurn` after everything else that this turn brings. */
  scheduleTurn(): void {
    this.#socket.scheduleTurn();
  }

  /** Sends what waits, for a bounded time, and then ends. */
  async finish(withinMs: Millis): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, withinMs);
    const sent = Promise.race([late.promise, this.#emulator.drained()]);
    await Promise.all([sent, this.#connections.finish(withinMs)]);
    clearTimeout(timer);
    await this.close();
  }

  /** Ends at once. */
  async close(): Promise<void> {
    this.#checks.close();
    this.#emulator.close();
    this.#connections.close();
    await Promise.all([this.#socket.close(), this.#server.close()]);
  }

  /** @ignore */
  receiveDatagram(bytes: Uint8Array): void {
    const message = decodeGossip(bytes);
    if (message === null) this.#malformed++;
    else this.#handler.receive(message);
  }

  /** @ignore */
  async serve(connection: TcpConnection): Promise<void> {
    // Who says nothing must not keep out those who do.
    const timer = setTimeout(() => connection.close(), FIRST_FRAME_MS);
    for await (const value of connection) {
      clearTimeout(timer);
      const message = readGossip(value);
      if (message === null) return await connection.reject("it is no message of a gossip network");
      this.#handler.receive(message);
      if (this.#handler.needsTurn()) this.scheduleTurn();
    }
    clearTimeout(timer);
  }

  #sendDatagram(to: Address, bytes: Uint8Array): void {
    const destination = this.#book.find(to);
    if (destination === undefined) {
      this.#unsent++;
      return;
    }
    this.#destinations[destination.index] = destination.address;
    this.#emulator.send(destination.index, bytes);
  }

  #sendFrame(to: Address, bytes: Uint8Array): void {
    if (!this.#connections.send(to, bytes)) {
      this.#unsent++;
      return;
    }
    this.#frames++;
    this.#frameBytes += bytes.length;
  }
}
