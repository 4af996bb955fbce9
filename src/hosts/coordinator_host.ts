/**
 * The coordinator of a persistent multicast: its protocol on real sockets, a real clock and a file.
 *
 * What one turn of the event loop brings is one transaction: committed, then answered, then
 * performed.
 *
 * @module
 */

import { Coordinator } from "../protocols/persistent/coordinator.ts";
import type { CoordinatorOutbox } from "../protocols/persistent/coordinator_outbox.ts";
import type {
  LinkEnd,
  MemberId,
  Message,
  Reply,
  Request,
} from "../protocols/persistent/messages.ts";
import type { Millis } from "../protocols/process.ts";
import type { Address } from "../wire/address.ts";
import type { CoordinatorStatus } from "../wire/persistent_messages.ts";
import { CoordinatorClients, type RequestHandler } from "./coordinator_clients.ts";
import { DeliveryConnections, type DeliveryHandler } from "./delivery_connections.ts";
import { RateMeter } from "./rate_meter.ts";
import type { SqliteMessageLog } from "./sqlite_message_log.ts";
import type { ServerCounters } from "./tcp_server.ts";

export type { CoordinatorStatus };

/** A turn ends after so many requests, though more may have come: so the first ones don't wait long
 * for their answers. */
const REQUESTS_PER_TURN = 512;

/** So many messages may be on their way to one member, as long as their bytes are not too many: more
 * than comes in while its acknowledgement is on its way. */
const WINDOW_MESSAGES = 4096;

/** For each member that messages are pushed to, the next push waits so long: several times what it
 * takes us, and less than what it takes them. */
const PUSH_PAUSE_MS = 0.4;

/** Cleaning pauses so long between two steps, which leaves most of the time to the members. */
const CLEANING_PAUSE_MS = 10;

/** What happens to members and to the store. */
export type CoordinatorEvent =
  /** A request was granted. */
  | { readonly type: Exclude<Request["type"], "msend">; readonly id: MemberId }
  /** Messages go to it from now on. */
  | { readonly type: "connected"; readonly id: MemberId }
  /** No messages go to it until it is reached again. */
  | { readonly type: "lost"; readonly id: MemberId; readonly reason: string }
  /** Requests get an error for this reason; null: they are stored again. */
  | { readonly type: "store"; readonly failure: string | null };

/** How a coordinator runs. */
export interface CoordinatorHostOptions {
  /** The persistence threshold. */
  readonly tdMs: Millis;
  /** The store, which the host closes in the end. */
  readonly log: SqliteMessageLog;
  /** Told of every change. */
  readonly onEvent?: (event: CoordinatorEvent) => void;
}

/** A coordinator that listens. */
export class CoordinatorHost implements CoordinatorOutbox, RequestHandler, DeliveryHandler {
  readonly #options: CoordinatorHostOptions;
  readonly #log: SqliteMessageLog;
  readonly #coordinator: Coordinator;
  readonly #links: DeliveryConnections;
  readonly #failed = Promise.withResolvers<never>();
  readonly #startedAt: Millis;
  readonly #firstSeq: number;
  readonly #stored: RateMeter;
  readonly #delivered: RateMeter;
  /** Who was told to be lost, and is not back. */
  readonly #lost = new Set<MemberId>();
  #clients!: CoordinatorClients;
  #requestsInTurn = 0;
  #isTurnScheduled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Infinity;
  #cleaning: ReturnType<typeof setTimeout> | undefined;
  #storeFailure: string | null = null;
  #isClosed = false;

  /**
   * Listens on `address`, port 0 for any, and goes on with what is in the store.
   *
   * @throws {Error} in one line that names the address, if that isn't possible. The store is closed
   * then.
   */
  static async listen(address: Address, options: CoordinatorHostOptions): Promise<CoordinatorHost> {
    const host = new CoordinatorHost(options);
    try {
      host.#clients = await CoordinatorClients.listen(address, host);
    } catch (error) {
      host.#isClosed = true;
      await host.#links.close();
      options.log.close();
      throw error;
    }
    host.#scheduleTurn();
    return host;
  }

  private constructor(options: CoordinatorHostOptions) {
    const now = clock();
    this.#options = options;
    this.#log = options.log;
    this.#links = new DeliveryConnections(this);
    this.#coordinator = new Coordinator(
      {
        tdMs: options.tdMs,
        log: options.log,
        windowMessages: WINDOW_MESSAGES,
        pushPauseMs: PUSH_PAUSE_MS,
      },
      this,
      now,
    );
    this.#startedAt = now;
    this.#firstSeq = options.log.lastSeq;
    this.#stored = new RateMeter(now, 0);
    this.#delivered = new RateMeter(now, 0);
    this.#failed.promise.catch(() => {}); // Nobody may be waiting for it.
  }

  /** Where it listens, with the port that was really taken. */
  get address(): Address {
    return this.#clients.address;
  }

  /** What the connections that bring requests brought. */
  get counters(): Readonly<ServerCounters> {
    return this.#clients.counters;
  }

  /** Rejects if the coordinator can't go on, such as when the store turns out to be damaged. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How it is, and its members are. */
  status(): CoordinatorStatus {
    const now = clock();
    return {
      store: this.#log.store,
      tdMs: this.#options.tdMs,
      lastSeq: this.#log.lastSeq,
      kept: this.#log.kept,
      uptimeMs: Math.round(now - this.#startedAt),
      rates: {
        storedPerSecond: this.#stored.perSecond(now, this.#log.lastSeq - this.#firstSeq),
        deliveredPerSecond: this.#delivered.perSecond(now, this.#coordinator.delivered),
      },
      members: this.#coordinator.members(now),
    };
  }

  /** Answers what came, stops listening, and closes all connections and the store. Participants find
   * out by themselves. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#endTurn();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#cleaning);
    await Promise.all([this.#clients.close(), this.#links.close()]);
    this.#log.close();
  }

  // --- RequestHandler

  /** @ignore */
  request(connection: number, request: Request): void {
    this.#coordinator.request(connection, request, clock());
    if (++this.#requestsInTurn >= REQUESTS_PER_TURN) this.#endTurn();
    else this.#scheduleTurn();
  }

  /** @ignore */
  answerAll(): void {
    this.#endTurn();
  }

  /** @ignore */
  granted(request: Request): void {
    if (request.type !== "msend") this.#tell({ type: request.type, id: request.id });
  }

  /** @ignore */
  fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#failed.reject(error);
  }

  // --- DeliveryHandler

  /** @ignore */
  linkOpened(link: number, id: MemberId, session: string, logged: number): void {
    this.#lost.delete(id);
    this.#tell({ type: "connected", id });
    this.#coordinator.linkOpened(link, id, session, logged, clock());
    this.#scheduleTurn();
  }

  /** @ignore */
  linkFailed(id: MemberId, session: string, reason: string): void {
    this.#tellLost(id, reason);
    this.#coordinator.linkFailed(id, session, clock());
    this.#scheduleTurn();
  }

  /** @ignore */
  acknowledged(link: number, seq: number): void {
    this.#coordinator.acknowledged(link, seq, clock());
    this.#scheduleTurn();
  }

  /** @ignore */
  linkClosed(link: number, id: MemberId, reason: string): void {
    this.#tellLost(id, reason);
    this.#coordinator.linkClosed(link, clock());
    this.#scheduleTurn();
  }

  // --- CoordinatorOutbox

  /** @ignore */
  reply(connection: number, reply: Reply): void {
    this.#clients.reply(connection, reply);
  }

  /** @ignore */
  connect(id: MemberId, address: Address, session: string, after: number): void {
    this.#links.connect(address, { type: "open", store: this.#log.store, id, session, after });
  }

  /** @ignore */
  deliver(link: number, messages: readonly Message[]): void {
    this.#links.deliver(link, messages);
  }

  /** @ignore */
  closeLink(link: number, why: LinkEnd): void {
    this.#links.closeLink(link, why);
  }

  // --- turns

  #scheduleTurn(): void {
    if (this.#isTurnScheduled) return;
    this.#isTurnScheduled = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnScheduled = false;
    this.#endTurn();
  };

  #endTurn(): void {
    if (this.#isClosed) return;
    this.#requestsInTurn = 0;
    const now = clock();
    try {
      if (this.#coordinator.deadline <= now) this.#coordinator.tick(now);
      this.#coordinator.endTurn(now);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#noticeFailure();
    this.#setTimer(now);
  }

  /** A timer that is too early does no harm: it looks again. */
  #setTimer(now: Millis): void {
    const { deadline } = this.#coordinator;
    if (deadline >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(this.#onTimer, Math.max(1, deadline - now));
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Infinity;
    this.#endTurn();
    const now = clock();
    this.#stored.sample(now, this.#log.lastSeq - this.#firstSeq);
    this.#delivered.sample(now, this.#coordinator.delivered);
    this.#cleaning ??= setTimeout(this.#onCleaning, CLEANING_PAUSE_MS);
  };

  readonly #onCleaning = (): void => {
    this.#cleaning = undefined;
    if (this.#isClosed) return;
    try {
      if (this.#log.clean()) {
        this.#cleaning = setTimeout(this.#onCleaning, CLEANING_PAUSE_MS);
      }
    } catch {
      // The store says why, and cleaning is tried again later.
    }
    this.#noticeFailure();
  };

  #noticeFailure(): void {
    const { failure } = this.#log;
    if (failure === this.#storeFailure) return;
    this.#storeFailure = failure;
    this.#tell({ type: "store", failure });
  }

  /** Once, however many attempts to reach it fail. */
  #tellLost(id: MemberId, reason: string): void {
    if (this.#lost.has(id)) return;
    this.#lost.add(id);
    this.#tell({ type: "lost", id, reason });
  }

  #tell(event: CoordinatorEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Milliseconds since the epoch, which go on steadily when somebody sets the machine's clock. */
function clock(): Millis {
  return performance.timeOrigin + performance.now();
}
