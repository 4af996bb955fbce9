/**
 * The connections on which a coordinator brings messages to participants.
 *
 * @module
 */

import type { Address, LinkEnd, MemberId, Message } from "../protocols/persistent/messages.ts";
import { DeliverFrames } from "../wire/deliver_frames.ts";
import {
  decodeDeliveryReply,
  type DeliveryMessage,
  type Open,
} from "../wire/persistent_messages.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** A participant must take the connection within so long, and then answer within so long. */
const OPENING_MS = 5000;

/** Much more than the coordinator ever sends before an acknowledgement. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

/** Who is told what comes of the connections. */
export interface DeliveryHandler {
  /** A participant has answered as it should. */
  linkOpened(link: number, id: MemberId, session: string, logged: number): void;
  /** An attempt came to nothing. */
  linkFailed(id: MemberId, session: string, reason: string): void;
  /** A participant has everything up to `seq`. */
  acknowledged(link: number, seq: number): void;
  /** The other side has closed, or the network has. */
  linkClosed(link: number, id: MemberId, reason: string): void;
}

/** All delivery connections of a coordinator. */
export class DeliveryConnections {
  readonly #handler: DeliveryHandler;
  readonly #links = new Map<number, TcpConnection>();
  readonly #frames = new DeliverFrames();
  /** All members at the same position get the same array: its bytes are made once. */
  readonly #encoded = new WeakMap<readonly Message[], Uint8Array[]>();
  readonly #giveUp = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #linksMade = 0;

  /** Connects to nobody yet. */
  constructor(handler: DeliveryHandler) {
    this.#handler = handler;
  }

  /** Connects to a participant and says `open`. Ends in one call of `linkOpened` or
   * `linkFailed`. */
  connect(address: Address, open: Open): void {
    const running: Promise<void> = this.#run(address, open).finally(() =>
      this.#running.delete(running)
    );
    this.#running.add(running);
  }

  /** Sends messages on a connection, unless it is closed already. */
  deliver(link: number, messages: readonly Message[]): void {
    const connection = this.#links.get(link);
    if (connection === undefined) return;
    let frames = this.#encoded.get(messages);
    if (frames === undefined) {
      frames = this.#frames.encode(messages);
      this.#encoded.set(messages, frames);
    }
    for (const frame of frames) void connection.sendFrame(frame);
  }

  /** Says why, and closes a connection. */
  closeLink(link: number, why: LinkEnd): void {
    const connection = this.#links.get(link);
    if (connection === undefined) return;
    this.#links.delete(link);
    void connection.send({ type: "close", why } satisfies DeliveryMessage);
    void connection.finish();
  }

  /** Closes all connections, without a word: the participants expect the coordinator back. */
  async close(): Promise<void> {
    this.#giveUp.abort(new Error("The coordinator stops"));
    for (const connection of this.#links.values()) connection.close();
    await Promise.all(this.#running);
  }

  async #run(address: Address, open: Open): Promise<void> {
    const { id, session } = open;
    let connection: TcpConnection | undefined;
    let link: number;
    try {
      connection = await connectTcp(`participant ${id}`, address, {
        timeoutMs: OPENING_MS,
        signal: this.#giveUp.signal,
        maxQueuedBytes: MAX_QUEUED_BYTES,
      });
      const logged = await this.#open(connection, open);
      link = ++this.#linksMade;
      this.#links.set(link, connection);
      this.#handler.linkOpened(link, id, session, logged);
    } catch (error) {
      connection?.close();
      if (!this.#giveUp.signal.aborted) {
        this.#handler.linkFailed(id, session, (error as Error).message);
      }
      return;
    }
    const reason = await this.#listen(connection, link);
    connection.close();
    if (this.#links.delete(link)) this.#handler.linkClosed(link, id, reason);
  }

  /** Returns what the participant has in its log. */
  async #open(connection: TcpConnection, open: Open): Promise<number> {
    void connection.send(open satisfies DeliveryMessage);
    const timer = setTimeout(() => connection.close(), OPENING_MS);
    const message = await connection.receive();
    clearTimeout(timer);
    if (message === undefined) {
      throw new Error(`No answer from participant ${open.id} (${connection.ending})`);
    }
    const reply = decodeDeliveryReply(message);
    if (reply.type === "error") throw new Error(reply.reason);
    if (reply.type !== "opened" || reply.id !== open.id || reply.session !== open.session) {
      throw new Error(`Not participant ${open.id} in its latest session`);
    }
    return reply.logged;
  }

  /** Takes acknowledgements until the connection ends. Returns why it did. */
  async #listen(connection: TcpConnection, link: number): Promise<string> {
    for (;;) {
      const message = await connection.receive();
      if (message === undefined) return connection.ending ?? "closed";
      try {
        const reply = decodeDeliveryReply(message);
        if (reply.type === "error") return reply.reason;
        if (reply.type === "opened") return "it said opened twice";
        if (this.#links.has(link)) this.#handler.acknowledged(link, reply.seq);
      } catch (error) {
        return (error as Error).message;
      }
    }
  }
}
