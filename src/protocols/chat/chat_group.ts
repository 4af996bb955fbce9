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

/** Who goes while it makes the attempts to begin a view invites so often at once to the one without
 * it: nobody acknowledges that. */
const LEGACY_INVITATIONS = 3;

/** What is measured in seconds is looked at so often. */
const PULSE_MS = 250;

/** A process whose view hasn't begun for so long may follow another chat's invitation. */
const LOST_VIEW_MS = 3000;

/** Without an invitation for so long, a process gives up the first view that it hasn't heard from all
 * in: whoever invited it is gone. Invitations are at most half a second apart. */
const UNINVITED_MS = 10_000;

/** The first member of a view lets newcomers in at once. The others do so after this time, each later
 * than the one before it, so that not all propose the same. */
const OTHERS_ADMIT_MS = 2000;

/** So much later. */
const NEXT_ADMITS_MS = 200;

/** Without progress for so long, or without a sign of life of a member that is waited for, who leaves
 * is gone without the others' consent.
 *
 * Trade-off: whoever stays may wait for ever for one that has gone so, therefore it is long. A user
 * who is told of it can end the wait. */
const LEAVE_ANYWAY_MS = 30_000;

/** Who leaves takes no silence for a reason to go before the group has stood still for so long. It is
 * well above the time in which a view is begun without a newcomer that doesn't come. */
const STANDSTILL_MS = 6000;

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
  /** When the latest invitation came that was followed, or was for the view that it had led to. */
  #invitedAt: Millis = -Infinity;
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
      hasQuit: (member, chat) => this.#doorway.hasQuit(member, chat),
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

  /** Is gone now, without the others' consent; who has not asked to leave just vanishes. Those who
   * are beginning a view can do so without it. */
  abandon(): void {
    if (this.#isLeaving && !this.#left) {
      this.#handOver();
      this.#doorway.sayFarewell();
    }
    this.#left = true;
  }

  /** Takes in a greeting. */
  receiveGreeting(greeting: Greeting, now: Millis): void {
    const time = this.#clock.at(now);
    if (this.#left) return;
    const isRelease = this.#doorway.isRelease(greeting);
    if (!this.#doorway.receive(greeting, time)) return;
    if (isAmong(greeting.from, this.#members)) {
      const { from, state, chat } = greeting;
      if (state === "gone" && chat !== 0) this.#watch.miss(from);
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
    if (plan.run === this.#views.pending?.plan.run) this.#invitedAt = time;
    if (!this.#accepts(plan, time)) return;
    this.#invitedAt = time;
    if (this.#views.pending === null) this.#views.forsake(); // A view of one, or none.
    this.#views.open(plan, time);
  }

  /** Takes in a frame of the view with this run. Returns false if no member of it can have sent
   * it. */
  receiveFrame(run: number, frame: Frame, now: Millis): boolean {
    const time = this.#clock.at(now);
    if (this.#left) return true; // Whoever sent it, it concerns nobody here.
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

  readonly #onBegin = (
    { plan: { number, members } }: ChatView,
    missing: readonly ChatIdentity[],
    now: Millis,
  ): void => {
    const before = this.#members;
    this.#members = members;
    this.#watch.follow(members, now);
    this.#attempts.leaveOut(missing, now);
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
      .filter(({ greeting, since }) =>
        this.#wantsIn(greeting, time - since) && time - since >= waitMs
      )
      .map(({ greeting }) => greeting.from)
      .filter((from) => !members.some(({ name }) => name === from.name))
      .filter((from) => !this.#attempts.isLeftOut(from, time));
  }

  /** Is this one outside, or alone in a chat that gives way to ours? The larger one stays, and of two
   * who are alone the one with the lower number. Who is on its way into another chat comes when it
   * has not arrived there for a while. */
  #wantsIn({ state, chat, size }: Greeting, lastsMs: Millis): boolean {
    const plan = this.#views.current?.plan;
    if (state === "outside") return chat === 0 || chat === plan?.chat || lastsMs >= LOST_VIEW_MS;
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
    this.#giveUpIfUninvited(time);
    this.#doorway.tellWaiting(time);
    if (!this.#isLeaving) return;
    for (const { name } of this.#views.awaited) this.#views.ask(name, time);
  }

  /** Gives up a first view whose coordinator is gone. Nobody can have begun it, since this process
   * has told nobody that it has heard from all; should the coordinator come back, it invites again,
   * and the view is opened anew. */
  #giveUpIfUninvited(time: Millis): void {
    const { current, pending } = this.#views;
    if (current !== null || pending === null) return;
    if (pending.isCoordinator || pending.hasHeardAll) return;
    if (time - this.#invitedAt >= UNINVITED_MS) this.#views.withdraw();
  }

  #leaveIfPossible(time: Millis): void {
    const { current, progress } = this.#views;
    const isStuck = this.#isStuck(this.#leaving.lasts(progress, time), time);
    if (isStuck || (current === null ? this.#isFree : this.#isReleased(current, time))) {
      this.abandon();
    }
  }

  /** If it is this process that makes the attempts to begin a view, another one shall go on. */
  #handOver(): void {
    const plan = this.#attempts.makeLegacy();
    if (plan === null) return;
    for (let i = 0; i < LEGACY_INVITATIONS; i++) {
      for (const member of plan.members) this.#outbox.invite(member, plan);
    }
  }

  /** Is this process in no view that may have begun? None can have that its coordinator gives up
   * before it has heard from all. */
  get #isFree(): boolean {
    const { pending } = this.#views;
    return pending === null || (pending.isCoordinator && !pending.hasHeardAll);
  }

  /** Is it no use to wait for the others' consent? Only silence of members counts: those who begin a
   * view without a newcomer still need this one. */
  #isStuck(lastsMs: Millis, time: Millis): boolean {
    if (lastsMs < STANDSTILL_MS) return false;
    const { awaited, current } = this.#views;
    const members = awaited.filter((member) => isAmong(member, current?.plan.members ?? []));
    if (members.some((member) => this.#doorway.isSuperseded(member))) return true;
    return lastsMs >= LEAVE_ANYWAY_MS ||
      this.#watch.quietMs(members, time) >= LEAVE_ANYWAY_MS;
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
