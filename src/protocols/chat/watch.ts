/**
 * Watches over the members of a view: who has become silent, and for whom lines wait.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { ChatIdentity, ChatPresence } from "./chat_messages.ts";
import type { ChatOutbox } from "./chat_outbox.ts";
import { Presence } from "./presence.ts";
import { Stall } from "./stall.ts";
import type { Views } from "./views.ts";

/** Without progress for so long, those who are waited for are named. */
const BLOCKED_MS = 2000;

/** What one member notices about the others. */
export class Watch {
  readonly #self: ChatIdentity;
  readonly #views: Views;
  readonly #outbox: ChatOutbox;
  readonly #presence = new Presence();
  readonly #stall = new Stall();
  /** The nonces of members that have left before the view could. */
  readonly #gone = new Set<number>();
  #blocked = "[]";

  constructor(self: ChatIdentity, views: Views, outbox: ChatOutbox) {
    this.#self = self;
    this.#views = views;
    this.#outbox = outbox;
  }

  /** Watches over these from now on. */
  follow(members: readonly ChatIdentity[], now: Millis): void {
    const names = members.map(({ name }) => name).filter((name) => name !== this.#self.name);
    this.#presence.follow(names, now);
    for (const nonce of this.#gone) {
      if (!members.some((member) => member.nonce === nonce)) this.#gone.delete(nonce);
    }
  }

  /** Takes in a sign of life. */
  hear({ name }: ChatIdentity, now: Millis): void {
    if (this.#presence.hear(name, now)) this.#outbox.news({ type: "heard", name });
  }

  /** It has said that it is gone, and won't be heard from again. */
  miss({ nonce }: ChatIdentity): void {
    this.#gone.add(nonce);
  }

  /** For how long nothing has come of the quietest of these; Infinity for one that isn't watched. */
  quietMs(members: readonly ChatIdentity[], now: Millis): Millis {
    return Math.max(...members.map(({ name }) => this.#presence.quietMs(name, now)));
  }

  /** Does it wait for a member that shows no sign of life? */
  get isStuck(): boolean {
    return this.#views.awaited.some(({ name, nonce }) =>
      this.#gone.has(nonce) || this.#presence.isSilent(name)
    );
  }

  /** The members of the view. */
  get presences(): ChatPresence[] {
    const members = this.#views.current?.plan.members ?? [];
    return members.map(({ name, nonce }) => {
      const remark = this.#presence.isSilent(name) ? "silent" : "here";
      const state = this.#gone.has(nonce) ? "left" : remark;
      return { name, state, self: name === this.#self.name };
    });
  }

  /** Asks for signs of life and tells the user what has changed. */
  tick(now: Millis): void {
    const { ask, silent } = this.#presence.tick(now);
    for (const name of ask) this.#views.ask(name, now);
    const members = this.#views.current?.plan.members ?? [];
    const gone = members.filter(({ nonce }) => this.#gone.has(nonce)).map(({ name }) => name);
    for (const name of silent) {
      if (!gone.includes(name)) this.#outbox.news({ type: "silent", name });
    }
    this.#tellBlocked(now);
  }

  #tellBlocked(now: Millis): void {
    if (this.#views.current === null) return;
    const { awaited } = this.#views;
    const isWaiting = awaited.length > 0;
    const lastsMs = this.#stall.lasts(`${isWaiting} ${this.#views.progress}`, now);
    const isBlocked = isWaiting && lastsMs >= BLOCKED_MS;
    const names = isBlocked ? awaited.map(({ name }) => name) : [];
    const text = JSON.stringify(names);
    if (text === this.#blocked) return;
    this.#blocked = text;
    this.#outbox.news({ type: "blocked", names });
  }
}
