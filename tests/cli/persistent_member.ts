/**
 * Members of a persistent multicast inside the test's own process: they speak the protocol over real
 * sockets, and keep what comes in memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import { CoordinatorClient } from "../../src/hosts/coordinator_client.ts";
import type { TcpConnection } from "../../src/hosts/tcp_connection.ts";
import { TcpServer } from "../../src/hosts/tcp_server.ts";
import type { Message, Request } from "../../src/protocols/persistent/messages.ts";
import type { Address } from "../../src/wire/address.ts";
import { decodeDeliveryMessage, type DeliveryReply } from "../../src/wire/persistent_messages.ts";

/** A member that listens. */
export class Member implements AsyncDisposable {
  readonly #id: string;
  readonly #client: CoordinatorClient;
  readonly #server: TcpServer;
  readonly #session = crypto.randomUUID();
  readonly #connected = Promise.withResolvers<void>();
  /** What has come, in the order in which it came. */
  readonly messages: Message[] = [];
  #wake: () => void = () => {};

  /** Registers; resolves when the coordinator has connected. */
  static async register(id: string, coordinator: Address): Promise<Member> {
    let member: Member | null = null;
    const server = await TcpServer.listen(
      { host: "127.0.0.1", port: 0 },
      (connection) => member!.#serve(connection),
    );
    member = new Member(id, coordinator, server);
    await member.#register();
    await member.#connected.promise;
    return member;
  }

  private constructor(id: string, coordinator: Address, server: TcpServer) {
    this.#id = id;
    this.#client = new CoordinatorClient(coordinator);
    this.#server = server;
  }

  /** Resolves when so many messages have come. */
  async received(count: number): Promise<void> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Is simply gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }

  async #register(): Promise<void> {
    const request: Request = {
      ...{ type: "register", request: this.#session, id: this.#id, takeOver: false },
      address: this.#server.address,
    };
    const reply = await this.#client.ask(request, {});
    assert.equal(reply.type, "ok", JSON.stringify(reply));
  }

  async #serve(connection: TcpConnection): Promise<void> {
    let logged = 0;
    const say = (words: DeliveryReply) => void connection.send(words);
    const signs = setInterval(() => say({ type: "logged", seq: logged }), 500);
    for await (const value of connection) {
      const message = decodeDeliveryMessage(value);
      if (message.type === "close") break;
      if (message.type === "open") {
        logged = Math.max(message.after, this.messages.at(-1)?.seq ?? 0);
        say({ type: "opened", id: message.id, session: message.session, logged });
        this.#connected.resolve();
      } else {
        for (const one of message.messages) {
          // What is decoded is a view on memory that is used again.
          if (one.seq > logged) this.messages.push({ ...one, payload: one.payload.slice() });
        }
        logged = this.messages.at(-1)!.seq;
        say({ type: "logged", seq: logged });
        this.#wake();
      }
    }
    clearInterval(signs);
  }
}
