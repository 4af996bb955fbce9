/**
 * Where a chat meets those outside of it: who greets whom, and who is told what.
 *
 * Who is in no view greets all it knows of, again and again, until its first view has begun. Who is
 * in one answers. In an open chat, where two may have been begun by a race, who is alone in its view
 * greets too.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import { type Acquaintance, Acquaintances } from "./acquaintances.ts";
import type {
  ChatContact,
  ChatIdentity,
  ChatPresence,
  Greeting,
  GreetingState,
} from "./chat_messages.ts";
import type { ChatOutbox } from "./chat_outbox.ts";
import { Repeat } from "./repeat.ts";
import type { Views } from "./views.ts";

/** The first greeting is repeated after this time, and then less and less often. */
const FIRST_GREETING_MS = 20;

/** Greetings are never further apart. */
const MAX_GREETING_MS = 500;

/** Who is alone looks for others so often. */
const ALONE_GREETING_MS = 1000;

/** Who greets for so long in place of a former self was really started again; it is no datagram
 * that was under way. */
const FORMER_SELF_MS = 1000;

/** Those inside have had so long to invite; from then on they are whom a newcomer waits for. */
const INVITED_WITHIN_MS = 2000;

/** A view that isn't begun within this time is worth a word. */
const BEGUN_WITHIN_MS = 1000;

/** A farewell from outside is said so often at once: nothing acknowledges it. */
const FAREWELLS = 3;

/** Of how many causes for warnings it is remembered that they were told. */
const MAX_WARNINGS = 1000;

/** What a doorway needs to know. */
export interface DoorwayOptions {
  readonly self: ChatIdentity;
  /** The same at all who may be in one chat. */
  readonly group: number;
  readonly kind: "static" | "open";
}

/** One process's dealings with those outside its view. */
export class Doorway {
  readonly #options: DoorwayOptions;
  readonly #views: Views;
  readonly #outbox: ChatOutbox;
  readonly #acquaintances = new Acquaintances();
  readonly #outside = new Repeat(FIRST_GREETING_MS, MAX_GREETING_MS);
  readonly #alone = new Repeat(ALONE_GREETING_MS, ALONE_GREETING_MS);
  readonly #warned = new Set<string>();
  #contacts: readonly ChatContact[] = [];
  #waiting: string | null = null;
  #openedAt: Millis = NaN;

  constructor(options: DoorwayOptions, views: Views, outbox: ChatOutbox) {
    this.#options = options;
    this.#views = views;
    this.#outbox = outbox;
  }

  /** Those who may be in the chat, this process included. */
  get contacts(): readonly ChatContact[] {
    return this.#contacts;
  }

  /** When `greet` must be called next. */
  get deadline(): Millis {
    if (this.#views.current === null) return this.#outside.at;
    return this.#isAlone ? this.#alone.at : Infinity;
  }

  /** From now on these may be in the chat. */
  meet(contacts: readonly ChatContact[]): void {
    const known = new Set(this.#contacts.map(({ name }) => name));
    if (contacts.some(({ name }) => !known.has(name))) this.#outside.restart();
    this.#contacts = contacts;
  }

  /** There is news of this process: it greets anew, as often as in the beginning. */
  hurry(): void {
    this.#outside.restart();
  }

  /** Takes in a greeting and answers it. Returns false if it comes from nobody who may be in this
   * chat. */
  receive(greeting: Greeting, now: Millis): boolean {
    if (!this.#isWelcome(greeting)) return false;
    const { from, state } = greeting;
    if (state !== "released") this.#acquaintances.note(greeting, now);
    if (state === "outside") this.#answer(from, now);
    else if (state === "gone") this.#confirm(from);
    else if (state === "barred") this.#warnBarred(from);
    return true;
  }

  /** Is this the word of a view's coordinator that it doesn't count on this process? */
  isRelease(greeting: Greeting): boolean {
    const plan = this.#views.pending?.plan;
    return greeting.state === "released" && plan !== undefined &&
      plan.members[plan.coordinator]?.nonce === greeting.from.nonce;
  }

  /** Has this process said, in this life, that it is gone? */
  isGone(member: ChatIdentity): boolean {
    return this.#acquaintances.isGone(member);
  }

  /** It has left a view: what still comes of it is old. */
  depart(member: ChatIdentity): void {
    this.#acquaintances.depart(member);
  }

  /** The latest greeting under this name, if it came a moment ago and asks to be let in. */
  outsider(name: string, now: Millis): Acquaintance | undefined {
    const found = this.#acquaintances.find(name, now);
    return found?.greeting.state === "outside" ? found : undefined;
  }

  /** All who have greeted a moment ago. */
  acquaintances(now: Millis): Acquaintance[] {
    return this.#acquaintances.all(now);
  }

  /** Has somebody said a moment ago that there is a chat? */
  knowsInsiders(now: Millis): boolean {
    return this.#insiders(now).length > 0;
  }

  /** Says who one is to all who may be in the chat, if it is time. */
  greet(isLeaving: boolean, now: Millis): void {
    this.#openedAt = Number.isNaN(this.#openedAt) ? now : this.#openedAt;
    const { current } = this.#views;
    if (current === null) {
      if (this.#outside.due(now)) this.#greetAll(isLeaving ? "gone" : "outside");
    } else if (this.#isAlone && this.#alone.due(now) && !isLeaving) {
      this.#greetAll("inside");
    }
  }

  /** Tells all who may be in the chat not to count on this process. */
  sayFarewell(): void {
    for (let i = 0; i < FAREWELLS; i++) this.#greetAll("gone");
  }

  /** Tells the user who is missing, when that changes. */
  tellWaiting(now: Millis): void {
    const names = this.#views.current === null ? this.#awaited(now) : [];
    const text = JSON.stringify(names);
    if (text === this.#waiting || (this.#waiting === null && names.length === 0)) return;
    this.#waiting = text;
    this.#outbox.news({ type: "waiting", names });
  }

  /** Who of those who may be in the chat is in no view here. */
  presences(now: Millis): ChatPresence[] {
    const { current } = this.#views;
    const here = new Set(current?.plan.members.map(({ name }) => name));
    const others = current === null || this.#options.kind === "static" ? this.#contacts : [];
    return others.filter(({ name }) => !here.has(name)).map(({ name }) => {
      const self = name === this.#options.self.name;
      const isAround = self || this.#acquaintances.find(name, now) !== undefined;
      return { name, state: isAround ? "here" : "missing", self };
    });
  }

  /** Can somebody else of this chat have said that? */
  #isWelcome({ group, from }: Greeting): boolean {
    const { self, kind } = this.#options;
    const isListed = this.#contacts.some(({ name }) => name === from.name);
    if (group !== this.#options.group) {
      if (isListed) this.#warn(from, "has another list of members, or another manager");
      return false;
    }
    if (from.name === self.name) {
      if (from.nonce !== self.nonce && kind === "static") this.#warn(from, "runs twice");
      return false;
    }
    return isListed || kind === "open";
  }

  #answer(from: ChatIdentity, now: Millis): void {
    const { current, pending } = this.#views;
    const former = this.#views.latestMembers.find(({ name }) => name === from.name);
    const isFormerHere = former !== undefined && former.nonce !== from.nonce &&
      (current?.plan.members.includes(former) || (pending?.isCoordinator && pending.hasHeardAll));
    if (isFormerHere) {
      this.#say("barred", from);
      const since = this.#acquaintances.find(from.name, now)?.since ?? now;
      if (now - since < FORMER_SELF_MS) return;
      this.#warn(
        from,
        "was started again and can't come in: the group waits for its former self, which did not say goodbye",
      );
    } else if (current !== null) {
      this.#say("inside", from);
    }
  }

  /** Tells one that is gone that nobody counts on it, if that is so. */
  #confirm(from: ChatIdentity): void {
    const { latestMembers } = this.#views;
    if (!latestMembers.some(({ nonce }) => nonce === from.nonce)) this.#say("released", from);
  }

  #warnBarred(from: ChatIdentity): void {
    if (this.#views.current !== null) return; // It was under way for long.
    const { name } = this.#options.self;
    this.#warn(
      this.#options.self,
      `can't come in: ${from.name} and the others wait for the ${name} of before, which did not say goodbye`,
      "barred", // All of them say so; once is enough.
    );
  }

  #awaited(now: Millis): string[] {
    const { pending } = this.#views;
    if (pending !== null) {
      if (now - pending.openedAt < BEGUN_WITHIN_MS) return [];
      return pending.awaited.map(({ name }) => name);
    }
    const insiders = this.#insiders(now);
    if (insiders.length > 0) return now - this.#openedAt < INVITED_WITHIN_MS ? [] : insiders;
    if (this.#options.kind === "open") return [];
    const missing = this.presences(now).filter(({ state }) => state === "missing");
    return missing.map(({ name }) => name);
  }

  #insiders(now: Millis): string[] {
    return this.#acquaintances.all(now).map(({ greeting }) => greeting)
      .filter(({ state }) => state === "inside" || state === "barred")
      .map(({ from }) => from.name);
  }

  /** Alone in a chat that anybody may begin: there may be another one. */
  get #isAlone(): boolean {
    const { current } = this.#views;
    return this.#options.kind === "open" && current?.plan.members.length === 1;
  }

  #greetAll(state: GreetingState): void {
    for (const contact of this.#contacts) {
      if (contact.name !== this.#options.self.name) this.#say(state, contact);
    }
  }

  #say(state: GreetingState, to: ChatContact): void {
    const { self, group } = this.#options;
    const plan = this.#views.current?.plan;
    const chat = plan?.chat ?? 0;
    this.#outbox.greet(to, { group, from: self, state, chat, size: plan?.members.length ?? 0 });
  }

  #warn({ name, nonce }: ChatIdentity, what: string, why = what): void {
    const cause = `${nonce} ${why}`;
    if (this.#warned.has(cause) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(cause);
    this.#outbox.news({ type: "warning", reason: `${name} ${what}` });
  }
}
