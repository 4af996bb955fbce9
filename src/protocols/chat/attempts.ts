/**
 * Who shall be in a view: the first one of a chat, and further attempts at one that doesn't begin.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import { type ChatIdentity, isAmong, type ViewPlan } from "./chat_messages.ts";
import type { ChatView } from "./chat_view.ts";
import type { Doorway } from "./doorway.ts";
import type { Views } from "./views.ts";

/** Nobody has said for so long that there is a chat: begin one. */
const BEGIN_ALONE_MS = 1000;

/** A newcomer from whom the coordinator has heard nothing for so long after the view was opened is
 * left out of it. Who leaves must wait longer than that. */
const NEWCOMER_MS = 3000;

/** For so long it isn't let in again: each try keeps the chat waiting. */
const LEFT_OUT_MS = 10_000;

/** So many who were left out are remembered at most. */
const MAX_LEFT_OUT = 1000;

/** Makes plans for views that this process coordinates. */
export class Attempts {
  readonly #self: ChatIdentity;
  readonly #views: Views;
  readonly #doorway: Doorway;
  readonly #random: Random;
  readonly #chat: number;
  /** Until when each, by its nonce. */
  readonly #leftOut = new Map<number, Millis>();
  /** Of the first view. */
  #count = 0;
  /** Since when this process could begin an open chat. */
  #lonelySince: Millis = NaN;

  constructor(self: ChatIdentity, views: Views, doorway: Doorway, random: Random) {
    this.#self = self;
    this.#views = views;
    this.#doorway = doorway;
    this.#random = random;
    this.#chat = this.drawNumber();
  }

  /** A number for a run. */
  drawNumber(): number {
    return 1 + this.#random.below(2 ** 32 - 1);
  }

  /** These should have come with a view, and it has begun without them. All members know that: if
   * only the coordinator did, the others would let them in again at once. */
  leaveOut(missing: readonly ChatIdentity[], now: Millis): void {
    if (this.#leftOut.size + missing.length > MAX_LEFT_OUT) this.#leftOut.clear();
    for (const { nonce } of missing) this.#leftOut.set(nonce, now + LEFT_OUT_MS);
  }

  /** Was it left out a short while ago? */
  isLeftOut({ nonce }: ChatIdentity, now: Millis): boolean {
    return now < (this.#leftOut.get(nonce) ?? -Infinity);
  }

  /** The first of a static group begins as soon as all have greeted it, and once more when one of
   * them has been started anew or is gone. */
  beginStatic(now: Millis): void {
    const { current, pending } = this.#views;
    if (current !== null || this.#doorway.contacts[0]?.name !== this.#self.name) return;
    if (pending !== null && (!pending.isCoordinator || pending.hasHeardAll)) return;
    if (pending?.plan.members.some((member) => this.#doorway.isGone(member))) {
      this.#views.withdraw();
    }
    const members: ChatIdentity[] = [];
    for (const { name } of this.#doorway.contacts) {
      const member = name === this.#self.name
        ? this.#self
        : this.#doorway.outsider(name, now)?.greeting.from;
      if (member === undefined) return;
      members.push(member);
    }
    const before = this.#views.pending?.plan.members;
    if (before !== undefined && members.every((member) => isAmong(member, before))) return;
    this.#beginFirst(members, now);
  }

  /** The first of an open group begins alone, when nobody has said for a while that it is in a
   * chat. */
  beginOpen(now: Millis): void {
    const { current, pending } = this.#views;
    if (current !== null || pending !== null || !this.#isFirstOutside(now)) {
      this.#lonelySince = NaN;
    } else if (Number.isNaN(this.#lonelySince)) {
      this.#lonelySince = now;
    } else if (now - this.#lonelySince >= BEGIN_ALONE_MS) {
      this.#beginFirst([this.#self], now);
    }
  }

  /** Makes another attempt at the view that is being begun, if a newcomer in it doesn't come, or a
   * member has gone without waiting for it. Only this process may do so, and only while it has not
   * heard from all. */
  tryAgain(now: Millis): void {
    const { current, pending } = this.#views;
    if (current === null || pending === null) return;
    if (!pending.isCoordinator || pending.hasHeardAll) return;
    const { plan } = pending;
    const members = plan.members.flatMap((member) => {
      if (this.#doorway.hasQuit(member, plan.chat)) return [];
      const isNew = !isAmong(member, current.plan.members);
      return isNew ? this.#stillComing(member, pending, now) : [member];
    });
    if (members.length === plan.members.length && members.every((m) => isAmong(m, plan.members))) {
      return;
    }
    const coordinator = members.findIndex(({ name }) => name === this.#self.name);
    const run = this.drawNumber();
    this.#views.open({ ...plan, attempt: plan.attempt + 1, run, coordinator, members }, now);
  }

  /** Makes the attempt that this process leaves behind if it goes while it makes attempts: without
   * itself and without newcomers. The first member makes those after it. Null if this process makes
   * none, or has heard from all. */
  makeLegacy(): ViewPlan | null {
    const { current, pending } = this.#views;
    if (current === null || pending === null) return null;
    if (!pending.isCoordinator || pending.hasHeardAll) return null;
    const { plan } = pending;
    const members = plan.members.filter((member) =>
      isAmong(member, current.plan.members) && member.name !== this.#self.name &&
      !this.#doorway.hasQuit(member, plan.chat)
    );
    if (members.length === 0) return null;
    return { ...plan, attempt: plan.attempt + 1, run: this.drawNumber(), coordinator: 0, members };
  }

  /** The newcomer, or the process that was started in its place, or nobody. */
  #stillComing(newcomer: ChatIdentity, pending: ChatView, now: Millis): ChatIdentity[] {
    const outsider = this.#doorway.outsider(newcomer.name, now)?.greeting.from;
    if (outsider !== undefined && outsider.nonce !== newcomer.nonce) return [outsider];
    if (this.#doorway.isGone(newcomer)) return [];
    const isLate = now - pending.openedAt >= NEWCOMER_MS && isAmong(newcomer, pending.unheard);
    return isLate ? [] : [newcomer];
  }

  #isFirstOutside(now: Millis): boolean {
    const { contacts } = this.#doorway;
    const own = contacts.findIndex(({ name }) => name === this.#self.name);
    if (own === -1 || this.#doorway.knowsInsiders(now)) return false;
    return !contacts.slice(0, own).some(({ name }) => this.#doorway.isFree(name, now));
  }

  #beginFirst(members: readonly ChatIdentity[], now: Millis): void {
    const coordinator = members.indexOf(this.#self);
    const run = this.drawNumber();
    const attempt = this.#count++;
    const plan: ViewPlan = { chat: this.#chat, number: 1, attempt, run, coordinator, members };
    this.#views.open(plan, now);
  }
}
