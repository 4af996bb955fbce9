/**
 * A participant's machine: its process, which may stand still, crash and be started again, its
 * requests, and its log, which stays.
 *
 * @module
 */

import type { MemberNumber } from "../history/persistent_history.ts";
import type {
  Address,
  MemberId,
  Message,
  Reply,
  Request,
} from "../protocols/persistent/messages.ts";
import type { Command, LogState, Participant } from "../protocols/persistent/participant.ts";
import type { CommandName, ParticipantState } from "../protocols/persistent/participant_states.ts";
import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type {
  Delivery,
  DeliveryConnection,
  PersistentWorld,
  RequestConnection,
} from "./persistent_world.ts";
import { type ConnectionEnd, SimulatedConnection } from "./simulated_connection.ts";

/** A request is tried again if there is no answer within this time. */
const ANSWER_TIMEOUT_MS: Millis = 1000;
/** Attempts are so far apart. */
const RETRY_MS: Millis = 100;
/** So many attempts are made while things go wrong. */
const ATTEMPTS = 8;

const PORTS = 5;

/** What a participant's disk keeps. */
interface Log {
  store: string | null;
  /** Of that store, and at least what it began with. */
  lastSeq: number;
  /** Whether it registered, and hasn't deregistered. */
  isMember: boolean;
}

/** A process from its start to its crash. */
interface Incarnation {
  readonly core: Participant;
  /** Where it listens, if it does. */
  port: number;
  readonly links: Map<number, DeliveryConnection>;
  readonly requests: Set<RequestConnection>;
  /** Written, but not yet durable. */
  unsynced: Message[];
  isSyncing: boolean;
  wakeAt: Millis;
  /** While it stands still: what waits for it. */
  waiting: (() => void)[] | null;
}

/** What became of a command. */
export type Outcome = "ok" | "refused" | "unanswered";

/** Where a participant's machine calls the coordinator. */
export type CallCoordinator = (connection: RequestConnection) => ConnectionEnd<Request> | null;

/** A participant's machine. */
export class SimulatedParticipant {
  readonly id: MemberId;
  readonly number: MemberNumber;
  readonly #world: PersistentWorld;
  readonly #random: Random;
  readonly #callCoordinator: CallCoordinator;
  readonly #log: Log = { store: null, lastSeq: 0, isMember: false };
  #process: Incarnation | null = null;
  #requests = 0;
  #links = 0;
  /** No request is given up any more. */
  #isPatient = false;

  constructor(
    world: PersistentWorld,
    random: Random,
    number: MemberNumber,
    id: MemberId,
    callCoordinator: CallCoordinator,
  ) {
    this.#world = world;
    this.#random = random;
    this.number = number;
    this.id = id;
    this.#callCoordinator = callCoordinator;
  }

  /** Its state in its own eyes; null while its process is down. */
  get state(): ParticipantState | null {
    return this.#process?.core.state ?? null;
  }

  /** Whether its process stands still. */
  get isPaused(): boolean {
    return this.#process !== null && this.#process.waiting !== null;
  }

  /** From now on it asks until there is an answer. */
  heal(): void {
    this.#isPatient = true;
  }

  // --- the process

  /** Starts the process with what its log says. */
  start(): void {
    const { store, lastSeq, isMember } = this.#log;
    const log: LogState = { store, logged: lastSeq, isMember };
    const makers = this.#world.options.makers!;
    this.#process = {
      core: makers.makeParticipant(this.id, log),
      port: 0,
      ...{ links: new Map(), requests: new Set() },
      ...{ unsynced: [], isSyncing: false, wakeAt: Infinity, waiting: null },
    };
  }

  /** Kills the process. What it has written to its log may have become durable in part. */
  crash(): void {
    const incarnation = this.#process;
    if (incarnation === null) return;
    this.#world.counts.participantCrashes++;
    this.#process = null;
    const survive = this.#random.below(incarnation.unsynced.length + 1);
    this.#makeDurable(incarnation.unsynced.slice(0, survive));
    const isClean = this.#random.chance(0.5);
    for (const link of incarnation.links.values()) {
      if (isClean) link.end();
      else link.break();
    }
    for (const request of incarnation.requests) request.break();
  }

  /** Stops the process, without ending it. */
  pause(): void {
    if (this.#process === null || this.#process.waiting !== null) return;
    this.#world.counts.paused++;
    this.#process.waiting = [];
  }

  /** Lets it go on. */
  resume(): void {
    const waiting = this.#process?.waiting;
    if (!waiting) return;
    this.#process!.waiting = null;
    for (const action of waiting) action();
  }

  /** Does something as the process, once it isn't paused; not at all if it has crashed. */
  #as(incarnation: Incarnation, action: () => void): void {
    if (this.#process !== incarnation) return;
    if (incarnation.waiting === null) action();
    else incarnation.waiting.push(() => this.#as(incarnation, action));
  }

  // --- commands

  /** Why a command would be refused. */
  refusal(command: CommandName): string | null {
    return this.#process === null ? "down" : this.#process.core.refusal(command);
  }

  /** Gives a command that isn't refused, and tells what became of it. A crash ends it without. */
  command(name: CommandName, payload: Uint8Array, onOutcome: (outcome: Outcome) => void): void {
    const incarnation = this.#process!;
    this.#as(incarnation, () => {
      if (incarnation.core.refusal(name) !== null) return onOutcome("refused");
      const request = incarnation.core.command(
        this.#makeCommand(incarnation, name, payload),
        `${this.id}-${++this.#requests}`,
      );
      this.#attempt(incarnation, request, 1, onOutcome);
    });
  }

  #makeCommand(incarnation: Incarnation, name: CommandName, payload: Uint8Array): Command {
    if (name === "msend") return { type: name, payload };
    if (name === "disconnect" || name === "deregister") return { type: name };
    // Often the same port again.
    incarnation.port = this.number * PORTS + 1 +
      this.#random.below(this.#random.chance(0.5) ? 1 : PORTS);
    const address: Address = { host: this.id, port: incarnation.port };
    return { type: name, address, takeOver: this.#isPatient || this.#random.chance(0.5) };
  }

  /** Sends a request, and again if there is no answer. */
  #attempt(
    incarnation: Incarnation,
    request: Request,
    attempt: number,
    onOutcome: (outcome: Outcome) => void,
  ): void {
    let isOver = false;
    const again = () => {
      if (isOver) return;
      isOver = true;
      incarnation.requests.delete(connection);
      // Whoever asks for something else has no request under way that may yet be granted.
      connection.break();
      if (attempt >= ATTEMPTS && !this.#isPatient) {
        incarnation.core.unanswered(request.request);
        onOutcome("unanswered");
      } else {
        const next = () => this.#attempt(incarnation, request, attempt + 1, onOutcome);
        this.#world.time.after(RETRY_MS, () => this.#as(incarnation, next));
      }
    };
    const connection = this.#call(request, {
      receive: (reply) =>
        this.#as(incarnation, () => {
          if (isOver) return;
          isOver = true;
          incarnation.requests.delete(connection);
          connection.hangUp();
          onOutcome(this.#answered(incarnation, request, reply));
        }),
      closed: () => this.#as(incarnation, again),
    });
    incarnation.requests.add(connection);
    this.#world.time.after(ANSWER_TIMEOUT_MS, () => this.#as(incarnation, again));
  }

  #answered(incarnation: Incarnation, request: Request, reply: Reply): Outcome {
    const { core } = incarnation;
    core.answered(reply);
    if (reply.type === "error") return "refused";
    if (this.#random.chance(this.#world.options.faults.repeatRate)) this.#repeat(request);
    if (request.type === "register") this.#log.isMember = true;
    if (request.type === "deregister") this.#log.isMember = false;
    if (request.type === "msend") {
      const { number: member } = this;
      this.#world.observe({
        event: "acknowledged",
        ...{ member, request: request.request, seq: reply.seq },
      });
    }
    return "ok";
  }

  /** The same request once more, though it was granted, some time later; nobody waits for the answer. */
  #repeat(request: Request): void {
    this.#world.time.after(this.#random.between(0, ANSWER_TIMEOUT_MS), () => {
      this.#world.counts.repeated++;
      this.#call(request, {
        receive: () => {}, // Whoever asked has gone on.
        closed: () => {}, // Likewise.
      });
    });
  }

  #call(request: Request, end: ConnectionEnd<Reply>): RequestConnection {
    let callee: ConnectionEnd<Request> | null = null;
    const connection: RequestConnection = new SimulatedConnection(this.#world.net, end, {
      receive: (message) => {
        callee ??= this.#callCoordinator(connection);
        if (callee === null) connection.end();
        else callee.receive(message);
      },
      closed: () => callee?.closed(),
    });
    connection.call(request);
    return connection;
  }

  // --- deliveries

  /** Whether the process listens on a port. */
  isListening(port: number): boolean {
    return this.#process !== null && this.#process.core.isListening && this.#process.port === port;
  }

  /** The coordinator calls. */
  accept(connection: DeliveryConnection): ConnectionEnd<Delivery> {
    const incarnation = this.#process!;
    const link = ++this.#links;
    incarnation.links.set(link, connection);
    return {
      receive: (message) => this.#as(incarnation, () => this.#receive(incarnation, link, message)),
      closed: () =>
        this.#as(incarnation, () => {
          incarnation.links.delete(link);
          incarnation.core.linkClosed(link, null);
        }),
    };
  }

  #receive(incarnation: Incarnation, link: number, message: Delivery): void {
    const { core, links } = incarnation;
    switch (message.type) {
      case "open": {
        const answer = core.open(link, message, this.#world.time.nowMs);
        if (answer.type === "refused") return this.#drop(incarnation, link);
        if (answer.replaces !== null) this.#drop(incarnation, answer.replaces);
        if (answer.beginning !== null) {
          this.#log.store = answer.beginning.store;
          this.#log.lastSeq = answer.beginning.after;
        }
        links.get(link)?.answer({ type: "opened", logged: answer.logged });
        return this.#wake(incarnation);
      }
      case "deliver": {
        const fresh = core.deliver(link, message.messages);
        if (fresh === null) return this.#drop(incarnation, link);
        for (const { seq } of fresh) {
          this.#world.observe({ event: "taken", member: this.number, seq });
        }
        incarnation.unsynced.push(...fresh);
        this.#wake(incarnation);
        return this.#sync(incarnation);
      }
      case "end":
        links.delete(link);
        return core.linkClosed(link, message.why);
    }
  }

  #drop(incarnation: Incarnation, link: number): void {
    incarnation.links.get(link)?.end();
    incarnation.links.delete(link);
    incarnation.core.linkClosed(link, null);
  }

  // --- the log

  /** Makes durable what was written, all that there is at a time. */
  #sync(incarnation: Incarnation): void {
    if (incarnation.isSyncing || incarnation.unsynced.length === 0) return;
    incarnation.isSyncing = true;
    const messages = [...incarnation.unsynced];
    const delayMs = this.#random.between(0, this.#world.options.syncMaxMs);
    this.#world.time.after(delayMs, () => {
      if (this.#process !== incarnation) return;
      incarnation.unsynced.splice(0, messages.length);
      this.#makeDurable(messages);
      this.#as(incarnation, () => {
        incarnation.isSyncing = false;
        incarnation.core.logged(messages.at(-1)!.seq);
        this.#wake(incarnation);
        this.#sync(incarnation);
      });
    });
  }

  #makeDurable(messages: readonly Message[]): void {
    const decoder = new TextDecoder();
    for (const { seq, at, sender, payload } of messages) {
      this.#log.lastSeq = seq;
      const text = decoder.decode(payload);
      const { number: member } = this;
      this.#world.observe({
        event: "logged",
        ...{ member, seq, at, sender: this.#world.numberOf(sender), text },
      });
    }
  }

  /** Acknowledges, if it is time to, a little later: in the meantime it may crash. */
  #wake(incarnation: Incarnation): void {
    const { time } = this.#world;
    time.after(this.#random.chance(0.5) ? 0 : 1, () =>
      this.#as(incarnation, () => {
        const acknowledgement = incarnation.core.acknowledgement(time.nowMs);
        if (acknowledgement !== null) {
          const { link, seq } = acknowledgement;
          incarnation.links.get(link)?.answer({ type: "logged", seq });
        }
        this.#wakeAtDeadline(incarnation);
      }));
  }

  #wakeAtDeadline(incarnation: Incarnation): void {
    const { time } = this.#world;
    const { deadline } = incarnation.core;
    if (deadline === Infinity || deadline === incarnation.wakeAt) return;
    incarnation.wakeAt = deadline;
    time.at(deadline, () => {
      if (incarnation.wakeAt === deadline) this.#as(incarnation, () => this.#wake(incarnation));
    });
  }
}
