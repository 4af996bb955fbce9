/**
 * The views that a member of a chat is in: the current one, the next one while it is being begun,
 * and earlier ones for which others may still need this member.
 *
 * **How a view begins.** Its members shake hands; who knows that all have heard from all, has begun.
 * A newcomer may die before. Then the view's coordinator (whose change decided, or the first of a
 * static group) makes another attempt, with other newcomers and another run. It does so only as long
 * as it has not itself heard from all. So two members never begin different attempts: to begin, a
 * member must have been told by all that they have heard from all, and the coordinator never says so
 * in an attempt that it gives up. Everybody else may therefore follow it to the later attempt.
 * Once the coordinator has heard from all, it makes no further attempt: who dies after that has
 * died as a member.
 * A coordinator that goes without waiting for the others leaves one more attempt behind, by the same
 * rule, in which another member is the coordinator.
 *
 * @module
 */

import { assert } from "../assert.ts";
import type { Frame } from "../frame.ts";
import type { FrameOutbox } from "../outbox.ts";
import type { Millis, ProcessId } from "../process.ts";
import {
  type ChatCodec,
  type ChatIdentity,
  type ChatLine,
  isAmong,
  type ViewPlan,
} from "./chat_messages.ts";
import { ChatView } from "./chat_view.ts";

/** A finished view is kept so long after all are known to have finished it: one that leaves may have
 * missed the last word, and asks, on a bad network seldom. */
const LINGER_MS = 12_000;

/** A view is given up so long after the next one began, finished by all or not: those who left and
 * haven't said that they have everything are gone.
 *
 * Trade-off: an outage of that length does no harm, and who leaves after one that crashed while it
 * left waits for so long. */
const GIVE_UP_MS = 15_000;

/** So many earlier views are kept at most. */
const MAX_OLD = 16;

/** What views are made with. */
export interface ViewsOptions {
  readonly self: ChatIdentity;
  readonly codec: ChatCodec;
  /** How large a fragment may be in a group of `size` processes, in bytes. */
  readonly fragmentBytes: (size: number) => number;
  /** Opens the way for the frames of a view. */
  readonly openFrames: (plan: ViewPlan, self: ProcessId) => FrameOutbox;
  /** The view's frames will be neither sent nor taken in any more. */
  readonly closeFrames: (plan: ViewPlan) => void;
  /** Has this member said that it is gone from this chat? */
  readonly hasQuit: (member: ChatIdentity, chat: number) => boolean;
  readonly onLine: (sender: ChatIdentity, line: ChatLine) => void;
  /** A view has begun here, without those who were to be in it and did not come. */
  readonly onBegin: (view: ChatView, missing: readonly ChatIdentity[], now: Millis) => void;
}

/** An earlier view. */
interface OldView {
  readonly view: ChatView;
  /** When the next one began. */
  readonly since: Millis;
}

/** The views of one member. */
export class Views {
  readonly #options: ViewsOptions;
  #current: ChatView | null = null;
  #pending: ChatView | null = null;
  #old: OldView[] = [];

  constructor(options: ViewsOptions) {
    this.#options = options;
  }

  /** The latest view that has begun. */
  get current(): ChatView | null {
    return this.#current;
  }

  /** The view that is being begun. */
  get pending(): ChatView | null {
    return this.#pending;
  }

  /** The members of the latest view that this process knows of. */
  get latestMembers(): readonly ChatIdentity[] {
    const latest = this.#pending?.plan ?? this.#current?.decided ?? this.#current?.plan;
    return latest?.members ?? [];
  }

  /** Since when all earlier views have been complete; Infinity while one isn't. */
  get oldCompleteAt(): Millis {
    return this.#old.reduce((at, { view }) => Math.max(at, view.completeAt), -Infinity);
  }

  /** The members without which it can't go on at the moment. */
  get awaited(): ChatIdentity[] {
    return (this.#pending ?? this.#current)?.awaited ?? [];
  }

  /** Changes when something goes on. */
  get progress(): string {
    const { plan, process } = this.#current ?? {};
    return `${plan?.run} ${process?.state} ${process?.deliveredCount} ${this.#pending?.plan.run}`;
  }

  /** When `tick` must be called next, as far as the groups are concerned. */
  get deadline(): Millis {
    return this.#all().reduce((at, { process }) => Math.min(at, process.deadline), Infinity);
  }

  /** Begins to begin a view; one that was being begun is given up. */
  open(plan: ViewPlan, now: Millis): void {
    this.withdraw();
    const { self, codec, fragmentBytes, openFrames, hasQuit, onLine } = this.#options;
    const number = plan.members.findIndex(({ name }) => name === self.name);
    this.#pending = new ChatView({
      plan,
      self,
      fragmentBytes: fragmentBytes(plan.members.length),
      codec,
      frames: openFrames(plan, number),
      hasQuit: (member) => hasQuit(member, plan.chat),
      onLine,
    }, now);
  }

  /** Gives up the view that is being begun. */
  withdraw(): void {
    if (this.#pending !== null) this.#options.closeFrames(this.#pending.plan);
    this.#pending = null;
  }

  /** Leaves a view of one, with nobody to tell. */
  forsake(): void {
    if (this.#current !== null) this.#options.closeFrames(this.#current.plan);
    this.#current = null;
  }

  /** Takes in a frame of the view with this run. Returns its sender, or undefined if there is no
   * such view or no member can have sent it. */
  receive(run: number, frame: Frame, now: Millis): ChatIdentity | undefined {
    return this.#all().find(({ plan }) => plan.run === run)?.receive(frame, now);
  }

  /** Does what is due, from one view to the next if it has come to that. A view begins before
   * anything is delivered in it. */
  tick(now: Millis): void {
    do {
      while (this.#turn(now)) {
        // Two turns in a row: a view of one is opened and begins.
      }
      for (const view of this.#all()) view.tick(now);
    } while (this.#turn(now));
    this.#dropOld(now);
  }

  /** Asks a member for a sign of life, in all views that it may be in. */
  ask(name: string, now: Millis): void {
    this.#pending?.ask(name, now);
    this.#current?.ask(name, now);
  }

  /** Goes one step on from view to view, if it is time. */
  #turn(now: Millis): boolean {
    const current = this.#current;
    const pending = this.#pending;
    if (pending !== null) {
      if (!pending.process.ready) return false;
      if (current !== null) this.#old.push({ view: current, since: now });
      this.#current = pending;
      this.#pending = null;
      const wanted = current?.decided?.members ?? [];
      const missing = wanted.filter((member) => !isAmong(member, pending.plan.members));
      this.#options.onBegin(pending, missing, now);
      return true;
    }
    if (current === null || current.decided === null || !current.process.finished) return false;
    if (!isAmong(this.#options.self, current.decided.members)) return false;
    this.open(nextPlan(current), now);
    return true;
  }

  #dropOld(now: Millis): void {
    if (this.#old.length === 0) return;
    this.#old = this.#old.filter(({ view, since }, i) => {
      const isNeeded = now < view.completeAt + LINGER_MS && now < since + GIVE_UP_MS;
      if (isNeeded && i >= this.#old.length - MAX_OLD) return true;
      this.#options.closeFrames(view.plan);
      return false;
    });
  }

  #all(): ChatView[] {
    const all = this.#old.map(({ view }) => view);
    if (this.#current !== null) all.push(this.#current);
    if (this.#pending !== null) all.push(this.#pending);
    return all;
  }
}

/** The first attempt at what a view has decided. Who leaves by its own change brings nobody in, so
 * that there will be no other. */
function nextPlan({ plan: { chat, number }, decided, decidedBy }: ChatView): ViewPlan {
  assert(decided !== null, "a view that has a next one has decided on it");
  const { run, members } = decided;
  const coordinator = Math.max(0, members.findIndex(({ name }) => name === decidedBy?.name));
  return { chat, number: number + 1, attempt: 0, run, coordinator, members };
}
