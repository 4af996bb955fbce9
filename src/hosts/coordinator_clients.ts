/**
 * The connections on which participants ask the coordinator for something: for one request each, or
 * for many.
 *
 * @module
 */

import type { Reply, Request } from "../protocols/persistent/messages.ts";
import { type Address, isUnspecified } from "../wire/address.ts";
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorStatus,
  decodeCoordinatorRequest,
} from "../wire/persistent_messages.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { type ServerCounters, TcpServer } from "./tcp_server.ts";

/** A client that has let so many answers pass is not read before it has taken them. */
const UNREAD_ANSWERS = 2048;

/** A connection that brings no request for so long after it was made is closed. Later, silence is
 * normal. */
const FIRST_REQUEST_MS = 10_000;

/** Members that keep a connection, and one for each that comes and goes. */
const MAX_CONNECTIONS = 2048;

/** Who answers. */
export interface RequestHandler {
  /** Takes a request, which gets its answer by {@linkcode CoordinatorClients.reply}. */
  request(connection: number, request: Request): void;
  /** Answers all requests that were taken. */
  answerAll(): void;
  /** How the coordinator is. */
  status(): CoordinatorStatus;
  /** A request was granted. */
  granted(request: Request): void;
  /** It can't go on. */
  fail(error: unknown): void;
}

/** A connection that brings requests. */
interface Client {
  readonly connection: TcpConnection;
  /** Requests without an answer, all but `msend`, in their order. */
  readonly changes: Request[];
  /** How many requests have no answer. */
  waiting: number;
  /** Called when there are none. */
  onAnswered: (() => void) | null;
  /** Whether the other side has taken the latest answer. */
  taken: Promise<boolean>;
}

/** The connections that bring requests. */
export class CoordinatorClients {
  readonly #handler: RequestHandler;
  readonly #clients = new Map<number, Client>();
  #server!: TcpServer;
  #clientsMade = 0;
  #isClosed = false;

  /**
   * Listens on `address`, port 0 for any.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async listen(address: Address, handler: RequestHandler): Promise<CoordinatorClients> {
    const clients = new CoordinatorClients(handler);
    clients.#server = await TcpServer.listen(address, (connection) => clients.#serve(connection), {
      maxConnections: MAX_CONNECTIONS,
      onError: (error) => handler.fail(error),
    });
    return clients;
  }

  private constructor(handler: RequestHandler) {
    this.#handler = handler;
  }

  /** Where it listens, with the port that was really taken. */
  get address(): Address {
    return this.#server.address;
  }

  /** What the connections brought. */
  get counters(): Readonly<ServerCounters> {
    return this.#server.counters;
  }

  /** Answers a request: the oldest one on its connection that has no answer. */
  reply(connection: number, reply: Reply): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return; // It didn't wait.
    client.taken = client.connection.send(reply);
    if (client.changes[0]?.request === reply.request) {
      const request = client.changes.shift()!;
      if (reply.type === "ok") this.#handler.granted(request);
    }
    if (--client.waiting === 0) client.onAnswered?.();
  }

  /** Sends the answers that are there, stops listening and closes all connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#clients.values()].map(({ connection }) => connection.finish()));
    await this.#server.close();
  }

  async #serve(connection: TcpConnection): Promise<void> {
    const number = ++this.#clientsMade;
    const client: Client = {
      connection,
      changes: [],
      waiting: 0,
      onAnswered: null,
      taken: Promise.resolve(true),
    };
    this.#clients.set(number, client);
    const timer = setTimeout(() => connection.close(), FIRST_REQUEST_MS);
    try {
      for (let count = 1;; count++) {
        const message = await connection.receive();
        if (count === 1) clearTimeout(timer);
        if (message === undefined || this.#isClosed) break;
        if (!this.#take(number, client, message)) return await connection.reject("malformed");
        if (count % UNREAD_ANSWERS === 0) await client.taken;
      }
      await answered(client);
    } finally {
      clearTimeout(timer);
      this.#clients.delete(number);
    }
  }

  /** Returns false if the message makes no sense. Answers keep the order of the requests. */
  #take(number: number, client: Client, message: unknown): boolean {
    let request: CoordinatorRequest;
    try {
      request = decodeCoordinatorRequest(message);
    } catch (error) {
      this.#handler.answerAll();
      const { message: reason } = error as Error;
      const reply: CoordinatorReply = { type: "error", request: requestOf(message), reason };
      client.taken = client.connection.send(reply);
      return false;
    }
    if (request.type === "status") {
      this.#handler.answerAll();
      const reply: CoordinatorReply = { type: "status", ...this.#handler.status() };
      client.taken = client.connection.send(reply);
      return true;
    }
    client.waiting++;
    if (request.type !== "msend") client.changes.push(request);
    if (request.type === "register" || request.type === "reconnect") {
      request = { ...request, address: reachable(request.address, client.connection.remote.host) };
    }
    this.#handler.request(number, request);
    return true;
  }
}

/** Resolves when all requests have their answers. */
function answered(client: Client): Promise<void> {
  if (client.waiting === 0) return Promise.resolve();
  return new Promise((resolve) => client.onAnswered = resolve);
}

/** The address with the host that the request came from, where it names none. */
function reachable(address: Address, observedHost: string): Address {
  return isUnspecified(address.host) ? { host: observedHost, port: address.port } : address;
}

/** The request's ID, where that much of a malformed request can be read; otherwise "". */
function requestOf(message: unknown): string {
  const request = (message as { request?: unknown } | null)?.request;
  return typeof request === "string" && request.length <= 64 ? request : "";
}
