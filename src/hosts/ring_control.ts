/**
 * The TCP port of a node of a token ring. It serves other processes of its machine: each connection
 * wants the lock, or asks how the node is. And whose successor the node is brings it tokens.
 *
 * A client says now and then that it lives, and what its clock shows. Whatever it is told about time is
 * in terms of that clock, so that it doesn't matter when it hears it. A client that is silent, because it
 * was stopped, keeps the lock no longer than it was told; one whose connection breaks without a word may
 * have been killed, and what it ran needs as long to end.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { isIP } from "node:net";
import {
  decodeRingRequest,
  type RingLockRequest,
  type RingRequest,
  type RingStatusRequest,
  type RingTokensRequest,
} from "../wire/ring_control_messages.ts";
import { RingControlSession } from "./ring_control_session.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { TcpServer } from "./tcp_server.ts";
import type { TokenRingHost } from "./token_ring_host.ts";

/** Messages are small. */
export const MAX_CONTROL_FRAME_BYTES = 64 * 1024;

/** A connection that brings no request for so long after it was made is closed. */
const FIRST_REQUEST_MS: Millis = 10_000;

/** A node's port for other processes. */
export class RingControl {
  readonly #host: TokenRingHost;
  readonly #leaseMs: Millis;
  readonly #server: TcpServer;
  readonly #sessions = new Set<RingControlSession>();
  /** The connections that bring tokens, by node. */
  readonly #bringers = new Map<string, TcpConnection>();
  #isClosing = false;

  /**
   * Listens at the node's own address.
   *
   * @param leaseMs A client that is silent for longer has its lease extended no more.
   * @throws {Error} in one line that names it, if that isn't possible.
   */
  static async listen(host: TokenRingHost, leaseMs: Millis): Promise<RingControl> {
    let control: RingControl | null = null;
    const server = await TcpServer.listen(
      host.address,
      async (connection) => await control?.serve(connection),
      { maxFrameBytes: MAX_CONTROL_FRAME_BYTES },
    );
    return control = new RingControl(host, leaseMs, server);
  }

  private constructor(host: TokenRingHost, leaseMs: Millis, server: TcpServer) {
    this.#host = host;
    this.#leaseMs = leaseMs;
    this.#server = server;
  }

  /** Serves a connection to its end. */
  async serve(connection: TcpConnection): Promise<void> {
    const { host } = connection.remote;
    if (!isLocal(connection) && !this.#host.isMachine(host)) return;
    const timer = setTimeout(() => connection.close(), FIRST_REQUEST_MS);
    const request = await next(connection);
    clearTimeout(timer);
    if (request === null) return;
    if (request.type === "tokens") return await this.#serveTokens(connection, request);
    if (!isLocal(connection)) return; // This machine's lock is none of theirs.
    const refusal = this.#refusalOf(request);
    if (this.#isClosing) await connection.send({ type: "lost", reason: "the node ends" });
    else if (refusal !== null) await connection.send({ type: "error", reason: refusal });
    else if (request.type === "status") {
      await connection.send({ type: "status", ...this.#host.status });
    } else if (request.type === "lock") await this.#serveLock(connection, request);
  }

  /** Ends all wishes, and waits until what ran under them has ended, or must have. Serves nobody any
   * more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#sessions].map((session) => session.dismiss()));
    await this.#server.close();
  }

  async #serveLock(connection: TcpConnection, { sentAt }: RingLockRequest): Promise<void> {
    const session = new RingControlSession(connection, this.#leaseMs, sentAt);
    this.#sessions.add(session);
    session.begin(this.#host);
    for (;;) {
      const word = await next(connection);
      if (word === null) break;
      if (word.type === "alive" || word.type === "unlock") await session.heard(word);
      else await connection.reject(`${word.type} is only for the beginning`);
    }
    await session.gone();
    this.#sessions.delete(session);
  }

  /** Who has this node as its successor brings it tokens, over one connection at a time. */
  async #serveTokens(connection: TcpConnection, request: RingTokensRequest): Promise<void> {
    if (this.#mistakenFor(request) !== null) return; // Its datagrams are told of.
    const { from } = request;
    this.#bringers.get(from)?.close();
    this.#bringers.set(from, connection);
    await connection.receiveAll((body) => {
      if (!this.#host.receiveFrame(body)) connection.close();
    });
    if (this.#bringers.get(from) === connection) this.#bringers.delete(from);
  }

  /** Why a connection can't begin so; null if it can. */
  #refusalOf(request: RingRequest): string | null {
    if (request.type !== "lock" && request.type !== "status") {
      return `${request.type} is not for the beginning`;
    }
    return this.#mistakenFor(request);
  }

  #mistakenFor(
    { node, group }: RingLockRequest | RingStatusRequest | RingTokensRequest,
  ): string | null {
    if (node !== this.#host.name) return `This is ${this.#host.name}, not ${node}`;
    return group === this.#host.group
      ? null
      : `${node} runs with another machines file, or another --lease`;
  }
}

/** The next request; null if there is none that makes sense. */
async function next(connection: TcpConnection): Promise<RingRequest | null> {
  const message = await connection.receive();
  if (message === undefined) return null;
  try {
    return decodeRingRequest(message);
  } catch (error) {
    void connection.send({ type: "error", reason: (error as Error).message });
    await connection.reject("malformed");
    return null;
  }
}

/** Whether both ends are on this machine. */
function isLocal({ remote, local }: TcpConnection): boolean {
  return remote.host === local.host ||
    (isIP(remote.host) === 4 ? remote.host.startsWith("127.") : remote.host === "::1");
}
