/**
 * A chat whose members come and go: a sequence of views, each totally ordered, with one order over
 * all of them.
 *
 * Changes need no agreement of their own, since the group has one: who wants to leave, and who has
 * been greeted by a newcomer, multicasts a change, and the first that is delivered decides. What is
 * said meanwhile waits for the next view. So nothing is lost or doubled, and each member's lines
 * stay in their order.
 *
 * Methods by role:
 *
 * - input: `receiveGreeting`, `receiveInvitation`, `receiveFrame`;
 * - commands: `say`, `leave`, `meet`;
 * - time: `tick` does what is due, `deadline` says when it must be called next;
 * - getters: `left`, `who`.
 *
 * A host calls `tick` at the end of each turn in which it called anything else.
 *
 * Nobody is taken out for being silent: lines wait for whoever has crashed, and the chat says for
 * whom.
 *
 * @module
 */

import { type Frame, MAX_GROUP_SIZE } from "../frame.ts";
import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import { Attempts } from "./attempts.ts";
import { AwakeClock } from "./awake_clock.ts";
import {
  type ChatCodec,
  type ChatContact,
  type ChatIdentity,
  type ChatLine,
  type ChatPresence,
  type Greeting,
  isAmong,
  type ViewPlan,
} from "./chat_messages.ts";
import type { ChatOutbox } from "./chat_outbox.ts";
import type { ChatView } from "./chat_view.ts";
import { Doorway } from "./doorway.ts";
import { Repeat } from "./repeat.ts";
import { Stall } from "./stall.ts";
import { Views } from "./views.ts";
import { Watch } from "./watch.ts";

/** The first invitation is repeated after this time, and then less and less often. */
const FIRST_INVITATION_MS = 20;

/** Invitations are never further apart. */
const MAX_INVITATION_MS = 500;

/** What is measured in seconds is looked at so often. */
const PULSE_MS = 250;

/** A process whose view hasn't begun for so long may follow another chat's invitation. */
const LOST_VIEW_MS = 3000;

/** The first member of a view lets newcomers in at once. The others do so after this time, each later
 * than the one before it, so that not all propose the same. */
const OTHERS_ADMIT_MS = 2000;

/** So much later. */
const NEXT_ADMITS_MS = 200;

/** Without progress, and without a sign of life of one that is waited for, for so long: who leaves is
 * gone without the others' consent. */
const LEAVE_ANYWAY_MS = 2000;

/** The same, whatever signs of life there are. */
const LEAVE_IN_ANY_CASE_MS = 10_000;

/** So long after all have everything, who leaves still answers those who ask. */
const LEAVE_LINGER_MS = 100;

/** So many lines may wait to be multicast. */
const MAX_QUEUED_LINES = 1000;

/** How a process takes part in a chat. */
export interface ChatGroupOptions {
  readonly self: ChatIdentity;
  /** The same at all who may be in one chat. */
  readonly group: number;
  /** `static`: the first view has all contacts. `open`: it has whoever came first. */
  readonly kind: "static" | "open";
  readonly codec: ChatCodec;
  /** How large a fragment may be in a group of `size` processes, in bytes. */
  readonly fragmentBytes: (size: number) => number;
  /** For the numbers of chats and runs. */
  readonly random: Random;
}

/** One process's part in a chat. */
export class ChatGroup {
  readonly #options: ChatGroupOptions;
  readonly #outbox: ChatOutbox;
  readonly #clock = new AwakeClock();
  readonly #views: Views;
  readonly #doorway: Doorway;
  readonly #attempts: Attempts;
  readonly #watch: Watch;
  readonly #leaving = new Stall();
  #invitations = new Repeat(FIRST_INVITATION_MS, MAX_INVITATION_MS);
  /** The view that they are for. */
  #invitingTo: ChatView | null = null;
  /** The members of the latest view that began here. */
  #members: readonly ChatIdentity[] = [];
  /** Lines that have not been multicast, encoded. */
  #queue: Uint8Array[] = [];
  /** How many lines have been said. */
  #said = 0;
  #pulseAt: Millis = -Infinity;
  #isLeaving = false;
  #left = false;

  constructor(options: ChatGroupOptions, outbox: ChatOutbox) {
    const { self, codec, fragmentBytes, random } = options;
    this.#options = options;
    this.#outbox = outbox;
    this.#views = new Views({
      self,
      codec,
      fragmentBytes,
      openFrames: (plan, number) => outbox.openFrames(plan, number),
      closeFrames: (plan) => outbox.closeFrames(plan),
      onLine: this.#onLine,
      onBegin: this.#onBegin,
    });
    this.#watch = new Watch(self, this.#views, outbox);
    this.#doorway = new Doorway(options, this.#views, this.#watch, outbox);
    this.#attempts = new Attempts(self, this.#views, this.#doorway, random);
  }

  /** Has it left? Then nothing more is expected of it. */
  get left(): boolean {
    return this.#left;
  }

  /** Everybody in the chat, in the order of the view, and then those who are known and not in it. */
  who(now: Millis): ChatPresence[] {
    return [...this.#watch.presences, ...this.#doorway.presences(this.#clock.at(now))];
  }

  /** Does it need to know who may be in the chat? Else whoever wants in greets it. */
  get isSeeking(): boolean {
    return this.#members.length <= 1;
  }

  /** When `tick` must be called next; -Infinity for "at the end of this turn". */
  get deadline(): Millis {
    if (this.#left) return Infinity;
    let at = Math.min(this.#pulseAt, this.#doorway.deadline, this.#views.deadline);
    if (this.#views.pending?.isCoordinator) at = Math.min(at, this.#invitations.at);
    return this.#clock.when(at);
  }

  /** These may be in the chat: in a static group the same list at all, in the same order, this
   * process included; in an open one whoever is registered now, in the order of registration. */
  meet(contacts: readonly ChatContact[]): void {
    this.#doorway.meet(contacts);
  }

  /** Multicasts a line, now or as soon as that is possible.
   *
   * @throws {RangeError} The line is too long, or too many wait already.
   * @throws {Error} This process is leaving. */
  say(text: string): void {
    if (this.#isLeaving) throw new Error("Who is leaving can say nothing more");
    if (this.#queue.length >= MAX_QUEUED_LINES) {
      throw new RangeError(`${MAX_QUEUED_LINES} lines are waiting already`);
    }
    const line: ChatLine = { type: "line", seq: this.#said + 1, text };
    this.#queue.push(this.#options.codec.encode(line));
    this.#said++;
  }

  /** Says goodbye, once everything that was said has been multicast. `left` tells when the others
   * can go on without this process. */
  leave(): void {
    if (!this.#isLeaving) this.#doorway.hurry();
    this.#isLeaving = true;
  }

  /** Takes in a greeting. */
  receiveGreeting(greeting: Greeting, now: Millis): void {
    const time = this.#clock.at(now);
    if (this.#left) return;
    const isRelease = this.#doorway.isRelease(greeting);
    if (!this.#doorway.receive(greeting, time)) return;
    if (isAmong(greeting.from, this.#members)) {
      if (greeting.state === "gone") this.#watch.miss(greeting.from);
      else this.#watch.hear(greeting.from, time);
    }
    if (isRelease && this.#views.current === null) {
      this.#views.withdraw();
      if (this.#isLeaving) this.#left = true;
    }
  }

  /** Takes in an invitation. */
  receiveInvitation(plan: ViewPlan, now: Millis): void {
    const time = this.#clock.at(now);
    if (this.#left || !isAmong(this.#options.self, plan.members)) return;
    if (!this.#accepts(plan, time)) return;
    if (this.#views.pending === null) this.#views.forsake(); // A view of one, or none.
    this.#views.open(plan, time);
  }

  /** Takes in a frame of the view with this run. Returns false if no member of it can have sent
   * it. */
  receiveFrame(run: number, frame: Frame, now: Millis): boolean {
    const time = this.#clock.at(now);
    if (this.#left) return false;
    const sender = this.#views.receive(run, frame, time);
    if (sender === undefined) return false;
    this.#watch.hear(sender, time);
    return true;
  }

  /** Delivers what may be delivered and sends what is due. */
  tick(now: Millis): void {
    const time = this.#clock.at(now);
    if (this.#left) return;
    this.#views.tick(time);
    if (!this.#isLeaving || this.#views.current !== null) this.#begin(time);
    this.#attempts.tryAgain(time);
    if (this.#multicast(time)) this.#views.tick(time);
    this.#invite(time);
    this.#doorway.greet(this.#isLeaving, time);
    if (time >= this.#pulseAt) this.#pulse(time);
    if (this.#isLeaving) this.#leaveIfPossible(time);
  }

  readonly #onLine = (sender: ChatIdentity, { seq, text }: ChatLine): void => {
    this.#outbox.news({ type: "deliver", sender: sender.name, seq, text });
  };

  readonly #onBegin = ({ plan: { number, members } }: ChatView, now: Millis): void => {
    const before = this.#members;
    this.#members = members;
    this.#watch.follow(members, now);
    const leavers = before.filter((member) => !isAmong(member, members));
    for (const member of leavers) this.#doorway.depart(member);
    const joined = before.length === 0 ? [] : members.filter((m) => !isAmong(m, before));
    const names = (of: readonly ChatIdentity[]) => of.map(({ name }) => name);
    this.#doorway.tellWaiting(now);
    this.#outbox.news({
      type: "view",
      number,
      members: names(members),
      joined: names(joined),
      left: names(leavers),
    });
  };

  /** Begins the first view, if it is for this process to do so. */
  #begin(time: Millis): void {
    if (this.#options.kind === "static") this.#attempts.beginStatic(time);
    else this.#attempts.beginOpen(time);
  }

  /** Multicasts what waits: lines, and then a change if one is wanted. Returns whether that was
   * anything. */
  #multicast(time: Millis): boolean {
    const { current, pending } = this.#views;
    if (current === null || pending !== null) return false;
    let count = 0;
    while (count < this.#queue.length && current.writable) {
      current.multicastLine(this.#queue[count++]!, time);
    }
    if (count > 0) this.#queue = this.#queue.slice(count);
    if (!current.writable || current.hasProposed) return count > 0;
    const members = this.#wantedMembers(current.plan.members, time);
    if (members === null) return count > 0;
    current.propose({ type: "change", run: this.#attempts.drawNumber(), members }, time);
    return true;
  }

  /** Who should be in the next view, or null if no change is wanted. */
  #wantedMembers(members: readonly ChatIdentity[], time: Millis): ChatIdentity[] | null {
    const { self } = this.#options;
    if (this.#isLeaving) {
      if (this.#queue.length > 0 || members.length === 1) return null;
      return members.filter(({ name }) => name !== self.name);
    }
    const newcomers = this.#newcomers(members, time).slice(0, MAX_GROUP_SIZE - members.length);
    return newcomers.length === 0 ? null : [...members, ...newcomers];
  }

  /** Those who ask to be let in, if it is for this member to do so. */
  #newcomers(members: readonly ChatIdentity[], time: Millis): ChatIdentity[] {
    const number = members.findIndex(({ name }) => name === this.#options.self.name);
    const waitMs = number === 0 ? 0 : OTHERS_ADMIT_MS + number * NEXT_ADMITS_MS;
    return this.#doorway.acquaintances(time)
      .filter(({ greeting, since }) => this.#wantsIn(greeting) && time - since >= waitMs)
      .map(({ greeting }) => greeting.from)
      .filter((from) => !members.some(({ name }) => name === from.name))
      .filter((from) => !this.#attempts.isLeftOut(from, time));
  }

  /** Is this one outside, or alone in a chat that gives way to ours? The larger one stays, and of two
   * who are alone the one with the lower number. */
  #wantsIn({ state, chat, size }: Greeting): boolean {
    if (state === "outside") return true;
    const plan = this.#views.current?.plan;
    if (state !== "inside" || size !== 1 || plan === undefined || chat === plan.chat) return false;
    return plan.members.length > 1 || plan.chat < chat;
  }

  #accepts(plan: ViewPlan, time: Millis): boolean {
    const { current, pending } = this.#views;
    if (pending !== null) {
      const { chat, number, attempt } = pending.plan;
      if (plan.chat === chat) {
        return plan.number > number || (plan.number === number && plan.attempt > attempt);
      }
      const isLost = time - pending.openedAt >= LOST_VIEW_MS && !pending.hasHeardAll;
      return current === null && isLost;
    }
    if (current === null) return true;
    // Who is alone in a chat, with nobody on the way into it, may join another one.
    return current.plan.members.length === 1 && !current.hasProposed &&
      plan.chat !== current.plan.chat;
  }

  /** Invites those who haven't been heard from in the view that this process is beginning. */
  #invite(time: Millis): void {
    const { pending } = this.#views;
    if (pending === null || !pending.isCoordinator) return;
    if (this.#invitingTo !== pending) {
      this.#invitingTo = pending;
      this.#invitations.restart();
    }
    if (!this.#invitations.due(time)) return;
    for (const member of pending.awaited) this.#outbox.invite(member, pending.plan);
  }

  #pulse(time: Millis): void {
    this.#pulseAt = time + PULSE_MS;
    this.#watch.tick(time);
    this.#doorway.tellWaiting(time);
    if (!this.#isLeaving) return;
    for (const { name } of this.#views.awaited) this.#views.ask(name, time);
  }

  #leaveIfPossible(time: Millis): void {
    const { current, pending, progress } = this.#views;
    const isStuck = this.#isStuck(this.#leaving.lasts(progress, time), time);
    if (current !== null) {
      const isReleased = this.#isReleased(current, time);
      if (isStuck && !isReleased) this.#doorway.sayFarewell();
      this.#left = isStuck || isReleased;
      return;
    }
    // No view can have begun that its coordinator gives up before it has heard from all.
    const isFree = pending === null || (pending.isCoordinator && !pending.hasHeardAll);
    if (isFree) this.#doorway.sayFarewell();
    this.#left = isStuck || isFree;
  }

  /** Is it no use to wait for the others' consent? */
  #isStuck(lastsMs: Millis, time: Millis): boolean {
    if (lastsMs < LEAVE_ANYWAY_MS) return false;
    const awaited = this.#views.awaited;
    return awaited.length === 0 || this.#watch.quietMs(awaited, time) >= LEAVE_ANYWAY_MS ||
      lastsMs >= LEAVE_IN_ANY_CASE_MS;
  }

  /** Can all others do without this member? */
  #isReleased(current: ChatView, time: Millis): boolean {
    if (time < this.#views.oldCompleteAt + LEAVE_LINGER_MS) return false;
    if (current.isLast) return current.completeAt < Infinity;
    const { plan, process, decided } = current;
    return plan.members.length === 1 && decided === null && this.#views.pending === null &&
      this.#queue.length === 0 && process.deliveredCount === process.multicastCount;
  }
}
