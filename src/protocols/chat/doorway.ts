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
  ChatBar,
  ChatContact,
  ChatIdentity,
  ChatPresence,
  Greeting,
  GreetingState,
} from "./chat_messages.ts";
import { isAmong } from "./chat_messages.ts";
import type { ChatOutbox } from "./chat_outbox.ts";
import { Repeat } from "./repeat.ts";
import type { Views } from "./views.ts";
import type { Watch } from "./watch.ts";

/** The first greeting is repeated after this time, and then less and less often. */
const FIRST_GREETING_MS = 20;

/** Greetings are never further apart. */
const MAX_GREETING_MS = 500;

/** Who is alone looks for others so often. */
const ALONE_GREETING_MS = 1000;

/** Who greets for so long under a member's name is there; it is no datagram that was under way. So it
 * is with a member that is heard from so long after the first of these greetings. */
const NAMESAKE_MS = 1000;

/** A member of that name that isn't heard from for so long is gone. Others ask it well before. */
const FORMER_SELF_MS = 4000;

/** Those inside have had so long to invite; from then on they are whom a newcomer waits for. */
const INVITED_WITHIN_MS = 2000;

/** A view that isn't begun within this time is worth a word. */
const BEGUN_WITHIN_MS = 1000;

/** Who is first in the list has had so long to begin a chat; from then on the others wait for it. */
const BEGUN_BY_FIRST_MS = 2500;

/** A farewell is said so often at once: nothing acknowledges it. */
const FAREWELLS = 3;

/** The way out of a chat that waits for a process that is no more. */
const WHAT_HELPS = "all must end with /quit and start again";

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
  readonly #watch: Watch;
  readonly #outbox: ChatOutbox;
  readonly #acquaintances = new Acquaintances();
  readonly #outside = new Repeat(FIRST_GREETING_MS, MAX_GREETING_MS);
  readonly #alone = new Repeat(ALONE_GREETING_MS, ALONE_GREETING_MS);
  readonly #warned = new Set<string>();
  /** The names of those who have said goodbye, whether they have come back or not. */
  readonly #left = new Set<string>();
  /** Members whose names have been started anew: they are dead. */
  readonly #superseded = new Set<ChatIdentity>();
  #contacts: readonly ChatContact[] = [];
  #waiting: string | null = null;
  #openedAt: Millis = NaN;

  constructor(options: DoorwayOptions, views: Views, watch: Watch, outbox: ChatOutbox) {
    this.#options = options;
    this.#views = views;
    this.#watch = watch;
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
    else if (state === "gone") this.#takeFarewell(greeting);
    else if (isBar(state)) this.#warnBarred(from, state, now);
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

  /** Has this member of the chat said that it is gone, with or without the others' consent? */
  hasQuit(member: ChatIdentity, chat: number): boolean {
    return this.#acquaintances.hasQuit(member, chat);
  }

  /** Is the process of this name outside, and on its way into no chat? Then it could begin one. */
  isFree(name: string, now: Millis): boolean {
    return this.outsider(name, now)?.greeting.chat === 0;
  }

  /** It has left a view: what still comes of it is old. */
  depart(member: ChatIdentity): void {
    if (this.#left.size < MAX_WARNINGS) this.#left.add(member.name);
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

  /** Tells all who are or may be in the chat not to count on this process. Nothing may be done in
   * the chat afterwards. */
  sayFarewell(): void {
    const { current, latestMembers } = this.#views;
    const members = [...current?.plan.members ?? [], ...latestMembers];
    const everybody = new Map([...this.#contacts, ...members].map((each) => [each.name, each]));
    everybody.delete(this.#options.self.name);
    for (let i = 0; i < FAREWELLS; i++) {
      for (const contact of everybody.values()) this.#say("gone", contact);
    }
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
      const state = isAround ? "here" : this.#left.has(name) ? "left" : "missing";
      return { name, state, self };
    });
  }

  /** Can somebody else of this chat have said that? */
  #isWelcome({ group, from }: Greeting): boolean {
    const { self, kind } = this.#options;
    const isListed = this.#contacts.some(({ name }) => name === from.name);
    if (group !== this.#options.group) {
      if (isListed) {
        this.#warn(from, `${from.name} has another list of members, or another manager`);
      }
      return false;
    }
    if (from.name === self.name) {
      if (from.nonce !== self.nonce && kind === "static") {
        this.#warn(from, `${from.name} runs twice`);
      }
      return false;
    }
    return isListed || kind === "open";
  }

  /** Has this member been started anew? Then it will never say anything again. */
  isSuperseded(member: ChatIdentity): boolean {
    return this.#superseded.has(member);
  }

  #answer(from: ChatIdentity, now: Millis): void {
    const { current, pending } = this.#views;
    const former = this.#views.latestMembers.find(({ name }) => name === from.name);
    const isFormerHere = former !== undefined && former.nonce !== from.nonce &&
      (current?.plan.members.includes(former) || (pending?.isCoordinator && pending.hasHeardAll));
    if (isFormerHere) this.#answerNamesake(from, former, now);
    else if (current !== null) this.#say(this.#watch.isStuck ? "stuck" : "inside", from);
  }

  /** Answers one that has the name of a member. Whether the member still lives shows within seconds;
   * until then it is told no more than that there is a chat. */
  #answerNamesake(from: ChatIdentity, former: ChatIdentity, now: Millis): void {
    const { name } = from;
    const greetedMs = now - (this.#acquaintances.find(name, now)?.since ?? now);
    const quietMs = this.#watch.quietMs([former], now);
    if (quietMs < greetedMs - NAMESAKE_MS) {
      this.#say("taken", from);
      this.#warn(from, `somebody else called ${name} wants to come in, and can't`);
    } else if (quietMs >= FORMER_SELF_MS && greetedMs >= NAMESAKE_MS) {
      this.#superseded.add(former);
      this.#say("barred", from);
      this.#warn(
        from,
        `${name} was started again and can't come in: the chat waits for the ${name} of before, ` +
          `which did not say goodbye; ${WHAT_HELPS}`,
      );
    } else this.#say("inside", from);
  }

  /** Tells one that is gone that nobody counts on it, or the user, if somebody does. Who was in the
   * chat waits for no answer. */
  #takeFarewell({ from, chat }: Greeting): void {
    const { current, pending, latestMembers } = this.#views;
    const isCountedOn = isAmong(from, latestMembers);
    if (!isCountedOn && chat === 0) this.#say("released", from);
    if (!isCountedOn || current === null || !this.hasQuit(from, current.plan.chat)) return;
    if (!isAmong(from, current.plan.members)) return;
    // Who is leaving counts on nobody: the other one may have left a later view, in good order.
    if (!isAmong(this.#options.self, latestMembers)) return;
    if (pending !== null && !pending.hasHeardAll) return; // Another attempt can leave it out.
    this.#warn(from, `${from.name} has left and could not wait for the others; ${WHAT_HELPS}`);
  }

  #warnBarred(from: ChatIdentity, bar: ChatBar, now: Millis): void {
    if (this.#views.current !== null) return; // It was under way for long.
    const since = this.#acquaintances.find(from.name, now)?.since ?? now;
    // One may have been meant for somebody who was at this address before.
    if (bar === "taken" && now - since < NAMESAKE_MS) return;
    const { self } = this.#options;
    const cause = `${self.nonce} ${bar}`; // All of them say so; once is enough.
    if (!this.#isNew(cause)) return;
    this.#outbox.news({ type: "warning", reason: reasonOf(bar, self.name, from.name), cause: bar });
  }

  #awaited(now: Millis): string[] {
    const { pending } = this.#views;
    if (pending !== null) {
      if (now - pending.openedAt < BEGUN_WITHIN_MS) return [];
      return pending.awaited.map(({ name }) => name);
    }
    // It has been told what keeps it outside.
    if (this.#acquaintances.all(now).some(({ greeting }) => isBar(greeting.state))) return [];
    const insiders = this.#insiders(now);
    if (insiders.length > 0) return now - this.#openedAt < INVITED_WITHIN_MS ? [] : insiders;
    if (this.#options.kind === "open") return this.#firstFree(now);
    const missing = this.presences(now).filter(({ state }) => state === "missing");
    return missing.map(({ name }) => name);
  }

  /** Who should have begun an open chat before this process does. */
  #firstFree(now: Millis): string[] {
    if (now - this.#openedAt < BEGUN_BY_FIRST_MS) return [];
    const own = this.#contacts.findIndex(({ name }) => name === this.#options.self.name);
    const names = this.#contacts.slice(0, Math.max(0, own)).map(({ name }) => name);
    return names.filter((name) => this.isFree(name, now)).slice(0, 1);
  }

  #insiders(now: Millis): string[] {
    return this.#acquaintances.all(now).map(({ greeting }) => greeting)
      .filter(({ state }) => state === "inside" || isBar(state))
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
    const chat = plan?.chat ?? (state === "outside" ? this.#views.pending?.plan.chat : 0) ?? 0;
    this.#outbox.greet(to, { group, from: self, state, chat, size: plan?.members.length ?? 0 });
  }

  /** Tells the user, once, what is wrong with another process. */
  #warn({ nonce }: ChatIdentity, reason: string): void {
    if (this.#isNew(`${nonce} ${reason}`)) this.#outbox.news({ type: "warning", reason });
  }

  /** Is it the first time that there is this cause for a warning? */
  #isNew(cause: string): boolean {
    if (this.#warned.has(cause) || this.#warned.size >= MAX_WARNINGS) return false;
    this.#warned.add(cause);
    return true;
  }
}

function isBar(state: GreetingState): state is ChatBar {
  return state === "barred" || state === "taken" || state === "stuck";
}

/** Why the process called `self` can't come in, as `teller` says. */
function reasonOf(bar: ChatBar, self: string, teller: string): string {
  switch (bar) {
    case "taken":
      return `there is already ${self} in the chat, and alive; choose another name`;
    case "barred":
      return `you can't come in: ${teller} says that the chat waits for the ${self} of before, ` +
        `which did not say goodbye; ${WHAT_HELPS}`;
    case "stuck":
      return `you can't come in yet: ${teller} says that the chat waits for a member that shows no ` +
        `sign of life; if it doesn't come back, ${WHAT_HELPS}`;
  }
}
