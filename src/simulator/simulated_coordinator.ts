/**
 * The coordinator's machine: its process, which may crash at any step and is started again, its
 * clock, and its store, which stays.
 *
 * @module
 */

import type {
  MemberNumber,
  MembershipChange,
  PersistentEvent,
} from "../history/persistent_history.ts";
import { Coordinator, type MemberView } from "../protocols/persistent/coordinator.ts";
import type { CoordinatorOutbox } from "../protocols/persistent/coordinator_outbox.ts";
import type {
  Address,
  LinkEnd,
  MemberId,
  Message,
  Reply,
  Request,
} from "../protocols/persistent/messages.ts";
import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { PersistentMakers } from "./persistent_options.ts";
import type {
  Delivery,
  DeliveryAnswer,
  DeliveryConnection,
  Observation,
  PersistentWorld,
  RequestConnection,
} from "./persistent_world.ts";
import { type ConnectionEnd, SimulatedConnection } from "./simulated_connection.ts";
import { SimulatedStore } from "./simulated_store.ts";

/** A turn of the event loop takes up to this time. */
const TURN_MAX_MS: Millis = 1;

/** An attempt to connect is given up after this time. */
const CONNECT_TIMEOUT_MS: Millis = 5000;

/** After a failure of the store, what is known of members is stored within this time. */
const CATCH_UP_MS: Millis = 1100;

/** Where the coordinator's machine calls a participant's. */
export type Dial = (
  address: Address,
  connection: DeliveryConnection,
) => ConnectionEnd<Delivery> | null;

/** A process from its start to its crash. */
interface Incarnation {
  readonly core: Coordinator;
  /** When it started, in virtual time and on the machine's clock. */
  readonly startedAtMs: Millis;
  readonly wallMs: Millis;
  /** The time that the observer expects its clock to have shown then. */
  readonly clockMs: Millis;
  readonly connections: Map<number, RequestConnection>;
  readonly links: Map<number, DeliveryConnection>;
  /** What the open batch will have done, once it is durable. */
  batch: Observation[];
  /** Signs of life that a crash may make it forget. */
  signs: Observation[];
  /** When the store last failed. */
  failedAtMs: Millis;
  turnIsDue: boolean;
  wakeAt: Millis;
}

/** The coordinator's machine. */
export class SimulatedCoordinator implements CoordinatorOutbox {
  readonly store = new SimulatedStore("store");
  readonly #world: PersistentWorld;
  readonly #random: Random;
  readonly #makers: PersistentMakers;
  readonly #dial: Dial;
  /** What the machine's clock is ahead of virtual time. */
  #wallAheadMs: Millis;
  /** The process; null while it is down. */
  #process: Incarnation | null = null;
  /** The process is about to crash after so many more steps; null if it isn't. */
  #stepsLeft: number | null = null;
  #isDead = false;
  #numbers = 0;
  /** What happens when it crashes. */
  onCrash: () => void = () => {};

  constructor(world: PersistentWorld, random: Random, makers: PersistentMakers, dial: Dial) {
    this.#world = world;
    this.#random = random;
    this.#makers = makers;
    this.#dial = dial;
    this.#wallAheadMs = 1_000_000 + random.below(1_000_000);
    this.store.host = {
      beforeCommit: () => this.#step(),
      committed: () => this.#committed(),
      failed: () => this.#failed(),
    };
  }

  /** What the coordinator says of its members; null while it is down. */
  get members(): MemberView[] | null {
    return this.#process?.core.members(this.#hostNow()) ?? null;
  }

  /** What its clock should show. */
  get clockMs(): Millis {
    const { startedAtMs, clockMs } = this.#process!;
    return Math.floor(clockMs + this.#world.time.nowMs - startedAtMs);
  }

  // --- the process

  /** Starts the process. The machine's clock may have been set in the meantime. */
  start(clockStepMs: Millis): void {
    const { time, options } = this.#world;
    if (clockStepMs !== 0) this.#world.counts.clockSteps++;
    this.#wallAheadMs += clockStepMs;
    this.#isDead = false;
    const isFirst = this.#numbers === 0;
    const wallMs = time.nowMs + this.#wallAheadMs;
    const clockMs = Math.max(wallMs, this.store.latestTime);
    const dialed: (() => void)[] = [];
    const outbox: CoordinatorOutbox = {
      reply: (...words) => this.reply(...words),
      deliver: (...words) => this.deliver(...words),
      closeLink: (...words) => this.closeLink(...words),
      connect: (...words) => {
        if (this.#process === null) dialed.push(() => this.connect(...words));
        else this.connect(...words);
      },
    };
    const { tdMs, windowMessages, pushPauseMs } = options;
    const coordinatorOptions = { tdMs, windowMessages, pushPauseMs, log: this.store };
    this.#process = {
      core: this.#makers.makeCoordinator(coordinatorOptions, outbox, wallMs),
      ...{ startedAtMs: time.nowMs, wallMs, clockMs },
      ...{ connections: new Map(), links: new Map() },
      ...{ batch: [], signs: [], failedAtMs: -Infinity, turnIsDue: false, wakeAt: Infinity },
    };
    this.#numbers++;
    if (!isFirst) this.#world.observe({ event: "restart", at: this.clockMs });
    for (const dial of dialed) dial();
    this.#endTurnSoon();
  }

  /** Lets it crash after so many more steps, or after a while if there are not so many. */
  crashAfter(steps: number): void {
    if (this.#process === null || this.#stepsLeft !== null) return;
    this.#stepsLeft = steps;
    const incarnation = this.#process;
    if (steps === 0) this.#crash();
    else this.#world.time.after(500, () => this.#process === incarnation && this.#crash());
  }

  /** One of the steps at which it may crash. Returns whether it is alive after it. */
  #step(): boolean {
    if (this.#isDead || this.#stepsLeft === null) return !this.#isDead;
    if (this.#stepsLeft-- > 0) return true;
    // What it does from now on has no effect; its parts are cleared away when the turn is over.
    this.#isDead = true;
    this.#world.time.after(0, () => this.#crash());
    return false;
  }

  #crash(): void {
    const incarnation = this.#process;
    if (incarnation === null) return;
    this.#world.counts.coordinatorCrashes++;
    this.#process = null;
    this.#isDead = true;
    this.#stepsLeft = null;
    this.store.rollBack();
    undo(incarnation.batch);
    undo(incarnation.signs);
    const isClean = this.#random.chance(0.5);
    for (const connection of incarnation.connections.values()) {
      if (isClean) connection.end();
      else connection.break();
    }
    for (const link of incarnation.links.values()) {
      if (isClean) link.hangUp();
      else link.break();
    }
    this.onCrash();
  }

  /** The machine's clock, as a process takes it: it doesn't see that it is set. */
  #hostNow(): Millis {
    const { startedAtMs, wallMs } = this.#process!;
    return wallMs + this.#world.time.nowMs - startedAtMs;
  }

  // --- turns

  /** Something came. It is handled at once, and the turn ends soon. */
  #input(incarnation: Incarnation, handle: (core: Coordinator, now: Millis) => void): void {
    if (this.#process !== incarnation || this.#isDead) return;
    handle(incarnation.core, this.#hostNow());
    this.#endTurnSoon();
  }

  #endTurnSoon(): void {
    const incarnation = this.#process!;
    if (incarnation.turnIsDue) return;
    incarnation.turnIsDue = true;
    const delayMs = this.#random.chance(0.5) ? 0 : this.#random.between(0, TURN_MAX_MS);
    this.#world.time.after(delayMs, () => this.#endTurn(incarnation));
  }

  #endTurn(incarnation: Incarnation): void {
    if (this.#process !== incarnation || this.#isDead) return;
    incarnation.turnIsDue = false;
    const { core } = incarnation;
    const now = this.#hostNow();
    if (core.deadline <= now) core.tick(now);
    core.endTurn(now);
    const sinceFailureMs = this.#world.time.nowMs - incarnation.failedAtMs;
    if (!this.#isDead && sinceFailureMs > CATCH_UP_MS) incarnation.signs = [];
    this.#wakeAfter(incarnation, core.deadline - now);
  }

  /** Ends a turn after a while, unless one ends before. */
  #wakeAfter(incarnation: Incarnation, delayMs: Millis): void {
    const { time } = this.#world;
    const at = time.nowMs + Math.max(delayMs, 0.001);
    if (at >= incarnation.wakeAt) return;
    incarnation.wakeAt = at;
    time.at(at, () => {
      if (incarnation.wakeAt !== at) return; // An earlier one has taken its place.
      incarnation.wakeAt = Infinity;
      if (!incarnation.turnIsDue) this.#endTurn(incarnation);
    });
  }

  #committed(): void {
    this.#process!.batch = [];
    this.#step();
  }

  #failed(): void {
    this.#world.counts.failedCommits++;
    this.#process!.failedAtMs = this.#world.time.nowMs;
    undo(this.#process!.batch);
  }

  // --- requests

  /** A participant calls. */
  accept(connection: RequestConnection): ConnectionEnd<Request> | null {
    const incarnation = this.#process;
    if (incarnation === null) return null;
    const number = ++this.#numbers;
    incarnation.connections.set(number, connection);
    return {
      receive: (request) => {
        this.#input(incarnation, (core, now) => this.#handle(core, number, request, now));
      },
      closed: () => incarnation.connections.delete(number),
    };
  }

  #handle(core: Coordinator, connection: number, request: Request, now: Millis): void {
    const { store } = this;
    const { lastSeq } = store;
    core.request(connection, request, now);
    const granted = store.takeGranted();
    if (granted === null) return;
    const event = this.#event(request, granted.message, lastSeq);
    this.#process!.batch.push(this.#world.observe(event));
  }

  #event(request: Request, message: Message | null, lastSeq: number): PersistentEvent {
    const member = this.#world.numberOf(request.id);
    const at = this.clockMs;
    if (request.type !== "msend") {
      const { type: event, request: name } = request;
      return { event, member, request: name, lastSeq, at } satisfies MembershipChange;
    }
    const text = new TextDecoder().decode(request.payload);
    const { seq, at: given } = message!;
    const { request: name } = request;
    return { event: "stored", seq, sender: member, request: name, text, at: given, handledAt: at };
  }

  // --- outbox

  /** Answers a request. */
  reply(connection: number, reply: Reply): void {
    if (!this.#step()) return;
    this.#process!.connections.get(connection)?.answer(reply);
  }

  /** Calls a participant. */
  connect(id: MemberId, address: Address, session: string, after: number): void {
    if (!this.#step()) return;
    const incarnation = this.#process!;
    const link = ++this.#numbers;
    let isOpened = false;
    const fail = () => {
      if (!isOpened) this.#input(incarnation, (core, now) => core.linkFailed(id, session, now));
      isOpened = true;
    };
    const end: ConnectionEnd<DeliveryAnswer> = {
      receive: (answer) => {
        if (answer.type === "opened" && isOpened) return; // It was given up.
        isOpened = true;
        this.#observeAlive(incarnation, this.#world.numberOf(id), session);
        this.#input(incarnation, (core, now) => {
          if (answer.type === "logged") core.acknowledged(link, answer.seq, now);
          else core.linkOpened(link, id, session, answer.logged, now);
        });
      },
      closed: () => {
        incarnation.links.delete(link);
        if (isOpened) this.#input(incarnation, (core, now) => core.linkClosed(link, now));
        else fail();
      },
    };
    const connection = this.#call(address, end);
    incarnation.links.set(link, connection);
    connection.call({ type: "open", store: this.store.store, id, session, after });
    this.#world.time.after(CONNECT_TIMEOUT_MS, () => {
      if (isOpened) return;
      connection.hangUp();
      incarnation.links.delete(link);
      fail();
    });
  }

  /** Whether anybody listens shows when the first words arrive. */
  #call(address: Address, end: ConnectionEnd<DeliveryAnswer>): DeliveryConnection {
    let callee: ConnectionEnd<Delivery> | null = null;
    const connection: DeliveryConnection = new SimulatedConnection(this.#world.net, end, {
      receive: (message) => {
        if (message.type === "open") callee = this.#dial(address, connection);
        if (callee === null) connection.end();
        else callee.receive(message);
      },
      closed: () => callee?.closed(),
    });
    return connection;
  }

  /** A sign of life is one as soon as it has come. */
  #observeAlive(incarnation: Incarnation, member: MemberNumber, session: string): void {
    if (this.#process !== incarnation || this.#isDead) return;
    const observation = this.#world.observe({ event: "alive", member, session, at: this.clockMs });
    incarnation.signs.push(observation);
  }

  /** Brings messages. */
  deliver(link: number, messages: readonly Message[]): void {
    if (!this.#step()) return;
    this.#process!.links.get(link)?.call({ type: "deliver", messages });
  }

  /** Ends a delivery connection. */
  closeLink(link: number, why: LinkEnd): void {
    if (!this.#step()) return;
    const connection = this.#process!.links.get(link);
    connection?.call({ type: "end", why });
    connection?.hangUp();
    this.#process!.links.delete(link);
  }
}

/** What was seen has no effect. */
function undo(observations: Observation[]): void {
  for (const observation of observations.splice(0)) observation.isUndone = true;
}
