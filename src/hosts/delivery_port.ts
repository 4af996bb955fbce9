/**
 * The port at which a participant gets its messages: the coordinator connects to it, and delivers.
 *
 * @module
 */

import type { LinkEnd, Message } from "../protocols/persistent/messages.ts";
import type { OpenAnswer, Participant } from "../protocols/persistent/participant.ts";
import type { Millis } from "../protocols/process.ts";
import type { Address } from "../wire/address.ts";
import {
  decodeDeliveryMessage,
  type DeliveryMessage,
  type DeliveryReply,
  type Open,
} from "../wire/persistent_messages.ts";
import type { ParticipantLog } from "./participant_log.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { TcpServer } from "./tcp_server.ts";

/** Only the coordinator connects; the rest is for connections that it has not given up yet. */
const MAX_CONNECTIONS = 32;

/** So many connections may be silent so far. The one that has been so for longest gives way: strangers
 * who hold connections can't keep the coordinator out, which speaks at once. */
const MAX_SILENT = 8;

/** Who connects must say `open` within so long. */
const OPEN_MS: Millis = 10_000;

/** What a port tells of. */
export interface DeliveryEvents {
  /** The coordinator has connected, and messages can come. */
  readonly onConnected: () => void;
  /** The coordinator is gone. */
  readonly onUnconnected: (reason: string) => void;
  /** A delivery connection is gone, with what the coordinator said about that; the participant knows
   * it already. */
  readonly onLinkClosed: (why: LinkEnd | null) => void;
}

/** A port that is opened and closed as the participant's state demands. */
export class DeliveryPort {
  readonly #participant: Participant;
  readonly #log: ParticipantLog;
  readonly #events: DeliveryEvents;
  /** Delivery connections, which the participant knows by their numbers. */
  readonly #links = new Map<number, TcpConnection>();
  /** Connections that have not said anything yet, the oldest first. */
  readonly #silent = new Set<TcpConnection>();
  #linksMade = 0;
  #server: TcpServer | null = null;
  #isConnected = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A port that is closed. */
  constructor(participant: Participant, log: ParticipantLog, events: DeliveryEvents) {
    this.#participant = participant;
    this.#log = log;
    this.#events = events;
  }

  /** Where it listens; null if it doesn't. */
  get address(): Address | null {
    return this.#server?.address ?? null;
  }

  /** Whether the coordinator is connected. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Listens. Returns where, with the port that was really taken.
   *
   * @throws {Error} in one line that names the address, if that isn't possible. */
  async listen(address: Address): Promise<Address> {
    this.#server = await TcpServer.listen(address, (connection) => this.#serve(connection), {
      maxConnections: MAX_CONNECTIONS,
    });
    return this.#server.address;
  }

  /** Gives the port up, and all connections. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    // Not later: by then it may be open again.
    clearTimeout(this.#timer);
    await server?.close();
  }

  /** These messages are in the log, and on disk: now they may be acknowledged. */
  logged(messages: readonly Message[]): void {
    this.#participant.logged(messages.at(-1)!.seq);
    this.#acknowledge();
  }

  async #serve(connection: TcpConnection): Promise<void> {
    const open = await this.#firstWords(connection);
    if (open === null) return;
    const link = ++this.#linksMade;
    const answer = this.#participant.open(link, open, performance.now());
    if (answer.type === "refused") {
      void connection.send({ type: "error", reason: answer.reason } satisfies DeliveryReply);
      return;
    }
    this.#links.set(link, connection);
    this.#opened(connection, open, answer);
    let why: LinkEnd | null = null;
    try {
      why = await this.#deliverAll(link, connection);
    } finally {
      this.#links.delete(link);
      this.#participant.linkClosed(link, why);
    }
    this.#unconnected(connection.ending ?? "closed");
    this.#events.onLinkClosed(why);
  }

  async #firstWords(connection: TcpConnection): Promise<Open | null> {
    const timer = setTimeout(() => connection.close(), OPEN_MS);
    this.#silent.add(connection);
    if (this.#silent.size > MAX_SILENT) {
      for (const oldest of this.#silent) {
        oldest.close();
        break;
      }
    }
    const message = await this.#receive(connection);
    this.#silent.delete(connection);
    clearTimeout(timer);
    if (message === null) return null;
    if (message.type === "open") return message;
    await connection.reject("it did not begin with open");
    return null;
  }

  #opened(
    connection: TcpConnection,
    { id, session }: Open,
    { logged, beginning, replaces }: OpenAnswer & { readonly type: "opened" },
  ): void {
    if (beginning !== null) this.#log.begin(beginning.store, beginning.after);
    if (replaces !== null) this.#links.get(replaces)?.close();
    void connection.send({ type: "opened", id, session, logged } satisfies DeliveryReply);
    this.#schedule();
    const isNews = !this.#isConnected;
    this.#isConnected = true;
    if (isNews) this.#events.onConnected();
  }

  /** Logs what comes until the connection ends. Returns what the coordinator said about that. */
  async #deliverAll(link: number, connection: TcpConnection): Promise<LinkEnd | null> {
    for (;;) {
      const message = await this.#receive(connection);
      if (message === null) return null;
      if (message.type === "close") return message.why;
      const fresh = message.type === "open"
        ? null
        : this.#participant.deliver(link, message.messages);
      if (fresh === null) {
        await connection.reject("it sent what can't come now");
        return null;
      }
      if (fresh.length > 0) this.#log.append(fresh);
    }
  }

  /** The next message; null if there is none. */
  async #receive(connection: TcpConnection): Promise<DeliveryMessage | null> {
    const message = await connection.receive();
    if (message === undefined) return null;
    try {
      return decodeDeliveryMessage(message);
    } catch (error) {
      const { message: reason } = error as Error;
      void connection.send({ type: "error", reason } satisfies DeliveryReply);
      await connection.reject(reason);
      return null;
    }
  }

  /** It may be that another connection has taken the place of the one that ended. */
  #unconnected(reason: string): void {
    if (this.#links.size > 0 || !this.#isConnected) return;
    this.#isConnected = false;
    this.#events.onUnconnected(reason);
  }

  #acknowledge(): void {
    const acknowledgement = this.#participant.acknowledgement(performance.now());
    if (acknowledgement === null) return;
    const { link, seq } = acknowledgement;
    void this.#links.get(link)?.send({ type: "logged", seq } satisfies DeliveryReply);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { deadline } = this.#participant;
    if (deadline === Infinity) return;
    this.#timer = setTimeout(() => {
      this.#acknowledge();
      this.#schedule();
    }, Math.max(0, deadline - performance.now()));
  }
}
