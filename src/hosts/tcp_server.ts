/**
 * A TCP server that speaks frames: it accepts, limits and counts connections, and survives whatever
 * they bring.
 *
 * @module
 */

import type { Address } from "../wire/address.ts";
import { resolveHost } from "./resolve.ts";
import { type ConnectionOptions, TcpConnection } from "./tcp_connection.ts";
import { listenError } from "./tcp_errors.ts";

/** Serves one connection, which is closed when the promise settles. */
export type ConnectionHandler = (connection: TcpConnection) => Promise<void>;

/** Limits of a server and of its connections. */
export interface ServerOptions extends ConnectionOptions {
  /** Connections beyond it are closed as soon as they are accepted, so that those there are get
   * served. Each needs a file descriptor, of which a process often has 1024, and 64 KiB.
   *
   * @default {256} */
  readonly maxConnections?: number;
  /** Told when a handler throws: a mistake in the handler, which ends only its connection. */
  readonly onError?: (error: unknown, remote: Address) => void;
}

/** What a server has seen since it started. */
export interface ServerCounters {
  /** Connections that got a handler. */
  accepted: number;
  /** Connections closed at once because there were too many. */
  turnedAway: number;
  /** Connections that sent what isn't a message, or one that made no sense. */
  malformed: number;
  /** Handlers that threw. */
  failed: number;
}

/** The part of a listener that a server uses. */
export interface Acceptor {
  /** The address that is listened on. */
  readonly addr: Deno.NetAddr;
  /** The next connection. */
  accept(): Promise<Deno.TcpConn>;
  /** Makes a pending accept fail. */
  close(): void;
}

/** How long to wait after a failed accept. When file descriptors have run out it fails at once, again
 * and again, until a connection closes: waiting leaves the processor to those. */
const ACCEPT_RETRY_MS = 50;

/** A listening socket and its connections. */
export class TcpServer {
  /** Where it listens, with the port that was really taken. */
  readonly address: Address;
  /** What it has seen. */
  readonly counters: Readonly<ServerCounters>;
  readonly #counters: ServerCounters = { accepted: 0, turnedAway: 0, malformed: 0, failed: 0 };
  readonly #listener: Acceptor;
  readonly #handler: ConnectionHandler;
  readonly #options: ServerOptions;
  readonly #maxConnections: number;
  readonly #connections = new Map<TcpConnection, Promise<void>>();
  readonly #closing = Promise.withResolvers<void>();
  readonly #accepting: Promise<void>;
  #closed = false;

  /**
   * Listens on `address`, port 0 for any, and hands every connection to `handler`.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async listen(
    address: Address,
    handler: ConnectionHandler,
    options: ServerOptions = {},
  ): Promise<TcpServer> {
    const hostname = await resolveHost(address.host);
    let listener: Acceptor;
    try {
      listener = Deno.listen({ hostname, port: address.port });
    } catch (error) {
      throw listenError(error, address);
    }
    return new TcpServer(listener, handler, options);
  }

  /** Serves a listener that exists already. */
  constructor(listener: Acceptor, handler: ConnectionHandler, options: ServerOptions = {}) {
    this.#listener = listener;
    this.#handler = handler;
    this.#options = options;
    this.#maxConnections = options.maxConnections ?? 256;
    this.address = { host: listener.addr.hostname, port: listener.addr.port };
    this.counters = this.#counters;
    this.#accepting = this.#acceptAll();
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Stops listening, closes all connections and waits for their handlers. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#closing.resolve();
      this.#listener.close();
      for (const connection of this.#connections.keys()) connection.close();
    }
    await this.#accepting;
    await Promise.all(this.#connections.values());
  }

  async #acceptAll(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#admit(await this.#listener.accept());
      } catch {
        // Either we are closing, or one connection failed (it was gone before it was accepted), or
        // there are too many open files. None of them is a reason to stop serving.
        await this.#pause(ACCEPT_RETRY_MS);
      }
    }
  }

  /** Waits, but not beyond the closing. */
  async #pause(ms: number): Promise<void> {
    const passed = Promise.withResolvers<void>();
    const timer = setTimeout(passed.resolve, ms);
    await Promise.race([passed.promise, this.#closing.promise]);
    clearTimeout(timer);
  }

  #admit(conn: Deno.TcpConn): void {
    if (this.#closed || this.#connections.size >= this.#maxConnections) {
      this.#counters.turnedAway++;
      conn.close();
      return;
    }
    this.#counters.accepted++;
    const connection = new TcpConnection(conn, this.#options);
    this.#connections.set(connection, this.#serve(connection));
  }

  async #serve(connection: TcpConnection): Promise<void> {
    try {
      await this.#handler(connection);
    } catch (error) {
      this.#counters.failed++;
      this.#options.onError?.(error, connection.remote);
    }
    await connection.finish();
    if (connection.malformed) this.#counters.malformed++;
    this.#connections.delete(connection);
  }
}
