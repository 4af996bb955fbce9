/**
 * A UDP socket for hosts of protocols: datagrams in by callback, turns of the event loop marked,
 * datagrams out without waiting.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Address } from "../wire/address.ts";
import { resolveHost } from "./resolve.ts";
import { listenError } from "./tcp_errors.ts";

/** Datagrams are received one behind the other into blocks of this size, and their payloads stay
 * there as views: nothing is copied, and a block is freed when its last payload is. */
const BLOCK_BYTES = 1024 * 1024;

/** The largest UDP payload, and so the least room that a block must have left. */
const MAX_RECEIVED_BYTES = 65_536;

/** After so many datagrams in a row a turn ends, though more may be waiting: timers and
 * acknowledgements have their right too. */
const MAX_DATAGRAMS_PER_TURN = 128;

/** So many sends may be unfinished before the sender should wait. */
const MANY_PENDING_SENDS = 256;

/** So many sends may be unfinished; what is sent beyond it is lost, as in a full network queue. */
const MAX_PENDING_SENDS = 4096;

/** What a socket hands up. */
export interface DatagramHandler {
  /** A datagram came; its bytes are never used again. */
  receive(bytes: Uint8Array, from: Deno.NetAddr): void;
  /** The datagrams that were waiting have all been handed up: time to answer. */
  endTurn(): void;
  /** Whether there is anything to do at the end of the turn that the last datagram belongs to. Left
   * out, it is taken for granted; a turn costs about a tenth of a datagram's way. */
  needsTurn?(): boolean;
}

/** What went through a socket. */
export interface DatagramCounts {
  /** Datagrams sent. */
  datagrams: number;
  /** Payload bytes in them. */
  bytes: number;
  /** Sends that the operating system refused, or that came while too many were pending. */
  unsent: number;
}

/** A UDP socket that receives until it is closed. */
export class DatagramSocket {
  readonly #socket: Deno.DatagramConn;
  readonly #handler: DatagramHandler;
  readonly #counts: DatagramCounts = { datagrams: 0, bytes: 0, unsent: 0 };
  readonly #closed: Promise<void>;
  #isClosed = false;
  #pendingSends = 0;
  #turnScheduled = false;
  #datagramsInTurn = 0;

  /** Where it receives, with the port that was really taken. */
  readonly address: Address;

  /**
   * Opens a socket on `address`, port 0 for any.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async open(address: Address, handler: DatagramHandler): Promise<DatagramSocket> {
    const hostname = await resolveHost(address.host);
    try {
      const socket = Deno.listenDatagram({ transport: "udp", hostname, port: address.port });
      return new DatagramSocket(socket, handler);
    } catch (error) {
      throw listenError(error, address);
    }
  }

  private constructor(socket: Deno.DatagramConn, handler: DatagramHandler) {
    this.#socket = socket;
    this.#handler = handler;
    const { hostname, port } = socket.addr as Deno.NetAddr;
    this.address = { host: hostname, port };
    this.#closed = this.#receiveAll();
  }

  /** What has been sent so far. */
  get counts(): Readonly<DatagramCounts> {
    return this.#counts;
  }

  /** Are so many sends unfinished that whoever has more to say should wait for another turn? */
  get isCongested(): boolean {
    return this.#pendingSends >= MANY_PENDING_SENDS;
  }

  /** Sends a datagram and returns at once. The bytes must not change afterwards. A send that fails
   * is counted and otherwise like a loss on the way. */
  send(bytes: Uint8Array, to: Deno.NetAddr): void {
    if (this.#isClosed || this.#pendingSends >= MAX_PENDING_SENDS) {
      this.#counts.unsent++;
      return;
    }
    this.#pendingSends++;
    this.#counts.datagrams++;
    this.#counts.bytes += bytes.length;
    this.#socket.send(bytes, to).then(this.#onSent, this.#onUnsent);
  }

  /** Calls the handler's `endTurn` after everything else that this turn brings. */
  scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(this.#onTurn);
  }

  /** Stops receiving and sending. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#socket.close();
    }
    await this.#closed;
  }

  readonly #onSent = (): void => {
    this.#pendingSends--;
  };

  readonly #onUnsent = (): void => {
    this.#pendingSends--;
    this.#counts.unsent++;
  };

  readonly #onTurn = (): void => {
    this.#turnScheduled = false;
    this.#datagramsInTurn = 0;
    if (!this.#isClosed) this.#handler.endTurn();
  };

  async #receiveAll(): Promise<void> {
    let block = new Uint8Array(BLOCK_BYTES);
    let used = 0;
    while (!this.#isClosed) {
      if (BLOCK_BYTES - used < MAX_RECEIVED_BYTES) {
        block = new Uint8Array(BLOCK_BYTES);
        used = 0;
      }
      try {
        // While datagrams are waiting, this goes on without leaving the turn.
        const room = block.subarray(used, used + MAX_RECEIVED_BYTES);
        const [bytes, from] = await this.#socket.receive(room);
        if (this.#isClosed) return;
        used += bytes.length;
        this.#handler.receive(bytes, from as Deno.NetAddr);
      } catch (error) {
        if (this.#isClosed) return;
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
        // Windows tells so of a datagram sent earlier to a port where nobody listens.
      }
      if (this.#handler.needsTurn?.() ?? true) this.scheduleTurn();
      if (++this.#datagramsInTurn >= MAX_DATAGRAMS_PER_TURN) await nextTurn();
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
