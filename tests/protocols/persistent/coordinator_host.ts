/**
 * A coordinator with a clock that stands still until it is moved, and everything it wants from the
 * world written down.
 *
 * @module
 */

import {
  Coordinator,
  type CoordinatorOptions,
} from "../../../src/protocols/persistent/coordinator.ts";
import type { CoordinatorOutbox } from "../../../src/protocols/persistent/coordinator_outbox.ts";
import { MemoryMessageLog } from "../../../src/protocols/persistent/memory_message_log.ts";
import type {
  Address,
  LinkEnd,
  MemberId,
  Message,
  Reply,
  Request,
} from "../../../src/protocols/persistent/messages.ts";

/** A request without what the host fills in. */
export type Ask = {
  readonly type: Request["type"];
  readonly id: MemberId;
  readonly request?: string;
  readonly port?: number;
  readonly takeOver?: boolean;
  readonly text?: string;
  /** By default the member's own one; null for none. */
  readonly session?: string | null;
};

/** An attempt to connect. */
export interface Attempt {
  readonly id: MemberId;
  readonly address: Address;
  readonly session: string;
  readonly after: number;
}

/** A coordinator's host in a test. */
export class CoordinatorHost implements CoordinatorOutbox {
  readonly log: MemoryMessageLog;
  coordinator: Coordinator;
  now: number;
  /** What was done, in words, since it was last taken. */
  #words: string[] = [];
  readonly replies = new Map<number, Reply>();
  readonly attempts: Attempt[] = [];
  /** What was delivered on each link. */
  readonly delivered = new Map<number, Message[]>();
  readonly pages = new Map<number, (readonly Message[])[]>();
  readonly closed = new Map<number, LinkEnd>();
  readonly #options: Omit<CoordinatorOptions, "log">;
  #numbers = 0;
  #requests = 0;

  constructor(options: Partial<CoordinatorOptions> = {}, now = 1_000_000) {
    this.#options = { tdMs: 2000, ...options };
    this.log = new MemoryMessageLog("store-1");
    this.now = now;
    this.coordinator = this.#start();
  }

  /** What was done since the last call. */
  takeWords(): string[] {
    const words = this.#words;
    this.#words = [];
    return words;
  }

  /** The process dies and is started again; what was not committed is lost. */
  restart(now = this.now): void {
    this.log.rollBack();
    this.now = now;
    this.coordinator = this.#start();
  }

  /** Asks without ending the turn. Returns the number of the connection. */
  ask(
    { type, id, port = 1, takeOver = false, text = "", request, session = this.#session(id) }: Ask,
  ): number {
    const connection = ++this.#numbers;
    const name = request ?? `r${++this.#requests}`;
    const head = { request: name, id, ...(session === null ? {} : { session }) };
    const address = { host: "h", port };
    const payload = new TextEncoder().encode(text);
    const asked: Request = type === "register" || type === "reconnect"
      ? { type, request: name, id, address, takeOver }
      : type === "msend"
      ? { type, ...head, payload }
      : { type, ...head };
    this.coordinator.request(connection, asked, this.now);
    return connection;
  }

  #session(id: MemberId): string | null {
    for (const record of this.log.members()) if (record.id === id) return record.session;
    return null;
  }

  /** Asks, and ends the turn. */
  do(ask: Ask): Reply {
    const connection = this.ask(ask);
    this.endTurn();
    return this.replies.get(connection)!;
  }

  /** Asks for something that must be granted. Returns the answer's number. */
  grant(ask: Ask): number {
    const reply = this.do(ask);
    if (reply.type !== "ok") throw new Error(`Refused: ${reply.reason}`);
    return reply.seq;
  }

  /** Sends a message that must be granted. */
  send(id: MemberId, text: string): number {
    return this.grant({ type: "msend", id, text });
  }

  /** Registers, or comes back, and opens the delivery connection. Returns its number. */
  join(id: MemberId, type: "register" | "reconnect" = "register", port = 1): number {
    this.grant({ type, id, port });
    return this.open(id);
  }

  /** The last attempt to connect to a member succeeds. */
  open(id: MemberId, logged?: number): number {
    const attempt = this.attempts.findLast((each) => each.id === id)!;
    const link = ++this.#numbers;
    this.delivered.set(link, []);
    this.pages.set(link, []);
    const { session, after } = attempt;
    this.coordinator.linkOpened(link, id, session, logged ?? after, this.now);
    this.endTurn();
    return link;
  }

  /** The last attempt to connect to a member fails. */
  fail(id: MemberId): void {
    const { session } = this.attempts.findLast((each) => each.id === id)!;
    this.coordinator.linkFailed(id, session, this.now);
    this.endTurn();
  }

  acknowledge(link: number, seq: number): void {
    this.coordinator.acknowledged(link, seq, this.now);
    this.endTurn();
  }

  drop(link: number): void {
    this.coordinator.linkClosed(link, this.now);
    this.endTurn();
  }

  endTurn(): void {
    this.coordinator.endTurn(this.now);
  }

  /** Moves the clock, with all deadlines on the way. */
  wait(ms: number): void {
    const end = this.now + ms;
    while (this.coordinator.deadline <= end) {
      this.now = this.coordinator.deadline;
      this.coordinator.tick(this.now);
      this.endTurn();
    }
    this.now = end;
  }

  /** The texts that came on a link. */
  texts(link: number): string[] {
    return this.delivered.get(link)!.map(({ payload }) => new TextDecoder().decode(payload));
  }

  // --- outbox

  reply(connection: number, reply: Reply): void {
    this.#words.push(reply.type === "ok" ? `ok ${reply.request}` : `error ${reply.request}`);
    this.replies.set(connection, reply);
  }

  connect(id: MemberId, address: Address, session: string, after: number): void {
    this.#words.push(`connect ${id} ${address.port}`);
    this.attempts.push({ id, address, session, after });
  }

  deliver(link: number, messages: readonly Message[]): void {
    this.#words.push(`deliver ${messages.map(({ seq }) => seq).join(" ")}`);
    this.delivered.get(link)!.push(...messages);
    this.pages.get(link)!.push(messages);
  }

  closeLink(link: number, why: LinkEnd): void {
    this.#words.push(`close ${why}`);
    this.closed.set(link, why);
  }

  #start(): Coordinator {
    return new Coordinator({ ...this.#options, log: this.log }, this, this.now);
  }
}

/** The reason of a refusal. */
export function reasonOf(reply: Reply): string {
  if (reply.type === "ok") throw new Error("It was granted");
  return reply.reason;
}
