/**
 * A participant of a persistent multicast: what it asks for, and which messages it writes to its
 * log.
 *
 * The host keeps the log. It writes what `deliver` returns, makes it durable, says so with `logged`,
 * and then sends the `acknowledgement`: so what is acknowledged is on disk, and what comes again is
 * not written again.
 *
 * - Getters: `state`, `isListening`, `deadline`.
 * - What the user wants: `command`, and its outcome: `answered` or `unanswered`.
 * - What `status` says: `changes` when it is asked for, `told` when it is answered.
 * - What came on a delivery connection: `open`, `deliver`, `linkClosed`.
 * - What the log and the clock say: `logged`, `acknowledgement`.
 *
 * @module
 */

import { assert } from "../assert.ts";
import type { Millis } from "../process.ts";
import type { Address, LinkEnd, MemberId, Message, Reply, Request, Standing } from "./messages.ts";
import {
  COMMAND_TABLE,
  type CommandName,
  LISTENING,
  OK_TABLE,
  type ParticipantState,
} from "./participant_states.ts";

/** A sign of life is given so often where there is nothing else to say. */
export const SIGN_OF_LIFE_MS: Millis = 1000;

/** A command with what it needs. */
export type Command =
  | {
    readonly type: "register" | "reconnect";
    /** Where the host listens already. */
    readonly address: Address;
    readonly takeOver: boolean;
  }
  | { readonly type: "disconnect" | "deregister" }
  | { readonly type: "msend"; readonly payload: Uint8Array };

/** What the log says at the start. */
export interface LogState {
  /** The store that its latest messages came from; null if it never had any. */
  readonly store: string | null;
  /** The last message of that store: it has this one and needs none before it. */
  readonly logged: number;
  /** Whether it was a member when its process ended. */
  readonly isMember: boolean;
}

/** What the coordinator says first on a delivery connection. */
export interface OpenWords {
  readonly store: string;
  readonly id: MemberId;
  readonly session: string;
  /** Messages above this number will come. */
  readonly after: number;
}

/** What to do about it. */
export type OpenAnswer =
  | {
    readonly type: "opened";
    /** What to answer. */
    readonly logged: number;
    /** To be written to the log first, if it isn't null: from here on it is another store. */
    readonly beginning: { readonly store: string; readonly after: number } | null;
    /** The connection before, to be closed. */
    readonly replaces: number | null;
  }
  | { readonly type: "refused"; readonly reason: string };

/** A participant. */
export class Participant {
  readonly #id: MemberId;
  #state: ParticipantState;
  /** Where a command leads back to that isn't granted. */
  #before: ParticipantState;
  /** The request that is not answered yet. Any number of `msend` may wait beside it. */
  #pending: string | null = null;
  /** The request that began the session, granted or awaited; null before the first. */
  #session: string | null = null;
  #store: string | null;
  /** The host has been given everything up to here. Never below `#logged`. */
  #received: number;
  /** On disk up to here. */
  #logged: number;
  /** Counts what may make an answer to `status` outdated. */
  #changes = 0;
  #link: number | null = null;
  #acknowledged = -1;
  #acknowledgeAt: Millis = Infinity;

  constructor(id: MemberId, { store, logged, isMember }: LogState) {
    this.#id = id;
    this.#state = this.#before = isMember ? "offline" : "unregistered";
    this.#store = store;
    this.#received = this.#logged = logged;
  }

  /** What it is, in its own eyes. */
  get state(): ParticipantState {
    return this.#state;
  }

  /** Whether its port must be open. The host opens it before it gives the command `register` or
   * `reconnect`, and closes it once this is false. */
  get isListening(): boolean {
    return LISTENING.has(this.#state);
  }

  /** When to ask for the next `acknowledgement`. */
  get deadline(): Millis {
    return this.#link === null ? Infinity : this.#acknowledgeAt;
  }

  // --- commands

  /** Why a command would be refused now, as a sentence; null if it wouldn't be. */
  refusal(command: CommandName): string | null {
    const row = COMMAND_TABLE[this.#state][command];
    if ("refused" in row && this.#state === "unregistered" && this.#store === null) {
      // The coordinator may well have a member of this ID: one with another log.
      return "This log belongs to no member yet: register first";
    }
    return "refused" in row ? `${this.#id} is ${row.refused}` : null;
  }

  /**
   * Takes a command. Returns the request to send, as often as needed until there is an answer.
   *
   * @param request The new request's ID.
   * @throws {BrokenInvariant} If it would be refused.
   */
  command(command: Command, request: string): Request {
    const row = COMMAND_TABLE[this.#state][command.type];
    assert("waits" in row, "a command is only given where it isn't refused");
    const head = { request, id: this.#id };
    if (command.type === "msend") {
      return { type: "msend", ...head, ...this.#inSession(), payload: command.payload };
    }
    this.#before = this.#state;
    this.#changes++;
    this.#state = row.waits;
    this.#pending = request;
    if (!("address" in command)) return { type: command.type, ...head, ...this.#inSession() };
    this.#session = request;
    const { type, address, takeOver } = command;
    return { type, ...head, address, takeOver };
  }

  /** An answer came. */
  answered(reply: Reply): void {
    if (reply.request === this.#pending) {
      this.#pending = null;
      this.#enter(reply.type === "ok" ? OK_TABLE[this.#state]! : this.#before);
    }
    if (reply.type === "error" && this.#pending === null) this.#adopt(reply.standing);
  }

  /** There was no answer, in spite of all attempts: it may have been granted, or not. */
  unanswered(request: string): void {
    if (request !== this.#pending) return;
    this.#pending = null;
    this.#enter(this.#before);
  }

  /** Another number after each change of the state. */
  get changes(): number {
    return this.#changes;
  }

  /** The coordinator's status says how it sees this one. It means nothing if there were `changes`
   * since it was asked for. */
  told(standing: Standing, changes: number): void {
    const isSettled = this.#state === "online" || this.#state === "offline";
    if (isSettled && changes === this.#changes) this.#adopt(standing);
  }

  /** Left out while it isn't known: the process before this one may have begun it, or another process
   * that is alive. The coordinator finds out. */
  #inSession(): { session?: string } {
    return this.#session === null ? {} : { session: this.#session };
  }

  /** The coordinator knows better. */
  #adopt(standing: Standing | undefined): void {
    if (standing === "unknown") this.#enter("unregistered");
    if (standing === "replaced") this.#enter("offline");
    if (standing === "offline" && this.#state === "online") this.#enter("offline");
  }

  #enter(state: ParticipantState): void {
    this.#changes++;
    this.#state = state;
    if (!this.isListening) this.#link = null;
  }

  // --- deliveries

  /** A delivery connection was opened with these words. */
  open(link: number, { store, id, session, after }: OpenWords, now: Millis): OpenAnswer {
    if (id !== this.#id) return refuse(`This is ${this.#id}, not ${id}`);
    if (!this.isListening || session !== this.#session) {
      // An attempt from before a disconnection, or for the process that was here before.
      return refuse(`${this.#id} has not asked for this session`);
    }
    const isOther = store !== this.#store;
    if (isOther) {
      this.#store = store;
      this.#received = this.#logged = after;
    } else {
      // What is still being written below this will not come again either way.
      this.#received = Math.max(this.#received, after);
      this.#logged = Math.max(this.#logged, after);
    }
    const replaces = this.#link;
    this.#link = link;
    this.#acknowledged = this.#logged;
    this.#acknowledgeAt = now + SIGN_OF_LIFE_MS;
    const beginning = isOther ? { store, after } : null;
    return { type: "opened", logged: this.#logged, beginning, replaces };
  }

  /** Messages came. Returns those that must be written to the log; null if they can't be right: then
   * the connection must be closed. */
  deliver(link: number, messages: readonly Message[]): readonly Message[] | null {
    if (link !== this.#link) return [];
    const first = messages[0]!.seq;
    if (first > this.#received + 1) return null;
    const fresh = messages.slice(Math.max(0, this.#received + 1 - first));
    this.#received = Math.max(this.#received, messages.at(-1)!.seq);
    return fresh;
  }

  /** Everything up to `seq` is in the log, and on disk. */
  logged(seq: number): void {
    if (seq > this.#received) return; // It is of the store before this one.
    this.#logged = Math.max(this.#logged, seq);
  }

  /** Returns the number to acknowledge now, and on which connection; null if there is nothing to say.
   * It counts as sent. */
  acknowledgement(now: Millis): { readonly link: number; readonly seq: number } | null {
    if (this.#link === null) return null;
    if (this.#logged === this.#acknowledged && now < this.#acknowledgeAt) return null;
    this.#acknowledged = this.#logged;
    this.#acknowledgeAt = now + SIGN_OF_LIFE_MS;
    return { link: this.#link, seq: this.#logged };
  }

  /** A delivery connection is gone. `why` is what the coordinator said, or null. */
  linkClosed(link: number, why: LinkEnd | null): void {
    if (link !== this.#link) return;
    this.#link = null;
    const isOver = why === "replaced" || why === "left";
    if (isOver && this.#state === "online") this.#enter("offline");
  }
}

function refuse(reason: string): OpenAnswer {
  return { type: "refused", reason };
}
