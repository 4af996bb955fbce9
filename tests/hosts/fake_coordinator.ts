/**
 * A coordinator as a test wants it: it answers what it is told to.
 *
 * @module
 */

import type { Address } from "../../src/wire/address.ts";
import type { TcpConnection } from "../../src/hosts/tcp_connection.ts";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import { TcpServer } from "../../src/hosts/tcp_server.ts";
import {
  type CoordinatorRequest,
  decodeCoordinatorRequest,
  decodeDeliveryReply,
  type DeliveryReply,
} from "../../src/wire/persistent_messages.ts";

/** No answer, though the connection stays. */
export const SILENCE = Symbol("silence");

/** What to do with a request: number 1 is the first that came. Null ends the connection. */
export type Answerer = (
  request: CoordinatorRequest & { readonly request?: string },
  number: number,
) => unknown | Promise<unknown>;

/** The usual answer. */
export function ok(request: { readonly request?: string }, seq = 0): unknown {
  return { type: "ok", request: request.request, seq, store: "store-1" };
}

/** A server that hears requests. */
export class FakeCoordinator implements AsyncDisposable {
  readonly #server: TcpServer;
  /** All requests, in the sequence in which they came. */
  readonly requests: CoordinatorRequest[];

  static async start(answer: Answerer, port = 0): Promise<FakeCoordinator> {
    const requests: CoordinatorRequest[] = [];
    const serve = async (connection: TcpConnection) => {
      for await (const message of connection) {
        const request = decodeCoordinatorRequest(message);
        requests.push(request);
        const reply = await answer(request, requests.length);
        if (reply === null) return connection.close();
        if (reply !== SILENCE) await connection.send(reply);
      }
    };
    return new FakeCoordinator(
      await TcpServer.listen({ host: "127.0.0.1", port }, serve),
      requests,
    );
  }

  private constructor(server: TcpServer, requests: CoordinatorRequest[]) {
    this.#server = server;
    this.requests = requests;
  }

  get address(): Address {
    return this.#server.address;
  }

  /** How many connections it had so far. */
  get connections(): number {
    return this.#server.counters.accepted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

/** A delivery connection, as a coordinator opens it. */
export class FakeLink implements Disposable {
  readonly #connection: TcpConnection;

  static async open(address: Address): Promise<FakeLink> {
    return new FakeLink(await connectTcp("participant", address));
  }

  private constructor(connection: TcpConnection) {
    this.#connection = connection;
  }

  /** Says something. */
  say(message: unknown): void {
    void this.#connection.send(message);
  }

  /** Delivers texts of b, from this number on. */
  deliver(first: number, ...texts: string[]): void {
    const encoder = new TextEncoder();
    const messages = texts.flatMap((text, i) => [1000 + first + i, "b", encoder.encode(text)]);
    this.say({ type: "deliver", first, messages });
  }

  /** What the participant says next; null if it has closed the connection. */
  async hear(): Promise<DeliveryReply | null> {
    const message = await this.#connection.receive();
    return message === undefined ? null : decodeDeliveryReply(message);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
