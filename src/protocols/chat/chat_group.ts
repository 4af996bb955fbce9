/**
 * A chat whose members come and go: a sequence of views, each totally ordered, with one order over
 * all of them.
 *
 * Changes need no agreement of their own, since the group has one: who wants to leave, and who has
 * been greeted by a newcomer, multicasts a change, and the first that is delivered decides
 * (`chat_view.ts`, `views.ts`). What is said meanwhile waits for the next view. So nothing is lost
 * or doubled, and each member's lines stay in their order.
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
 * What a crash does: lines wait for whoever is gone, and the chat says for whom.
 *
 * @module
 */

import type { Frame } from "../frame.ts";
import { MAX_GROUP_SIZE } from "../frame.ts";
import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import { Acquaintances } from "./acquaintances.ts";
import { AwakeClock } from "./awake_clock.ts";
import {
  type ChatCodec,
  type ChatContact,
  type ChatIdentity,
  type ChatLine,
  type Greeting,
  type GreetingState,
  isAmong,
  type ViewPlan,
} from "./chat_messages.ts";
import type { ChatOutbox } from "./chat_outbox.ts";
import type { ChatView } from "./chat_view.ts";
import { Presence } from "./presence.ts";
import { Repeat } from "./repeat.ts";
import { Stall } from "./stall.ts";
import { Views } from "./views.ts";

/** The first greeting or invitation is repeated after this time, and then less and less often. */
const FIRST_REPEAT_MS = 20;

/** Greetings and invitations are never further apart. */
const MAX_REPEAT_MS = 500;

/** Who is alone looks for others of its chat so often. */
const ALONE_GREETING_MS = 1000;

/** What is measured in seconds is looked at so often. */
const PULSE_MS = 250;

/** Nobody of the manager's list has said for so long that there is a chat: begin one. */
const BEGIN_ALONE_MS = 1000;

/** A newcomer from whom the coordinator has heard nothing for so long after the view was opened is
 * left out of it. It may come again. */
const NEWCOMER_MS = 3000;

/** A process whose view hasn't begun for so long may follow another chat's invitation. */
const LOST_VIEW_MS = 3000;

/** The first member of a view brings newcomers in at once; the others after so long, and each
 * later than the one before it, so that not all propose the same. */
const OTHERS_ADMIT_MS = 2000;
const NEXT_ADMITS_MS = 200;

/** Without progress for so long, what is waited for is named. */
const BLOCKED_MS = 2000;

/** Without progress for so long, who leaves is gone without the others' consent. */
const LEAVE_ANYWAY_MS = 2000;

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
  /** For numbers of runs and chats. */
  readonly random: Random;
}

/** Somebody in the chat, or awaited in it. */
export interface ChatPresence {
  readonly name: string;
  /** `missing`: known, but not in the chat. */
  readonly state: "here" | "silent" | "missing";
  readonly self: boolean;
}

/** One process's part in a chat. */
export class ChatGroup {
  readonly #options: ChatGroupOptions;
  readonly #outbox: ChatOutbox;
  readonly #self: ChatIdentity;
  readonly #views: Views;
  readonly #clock = new AwakeClock();
  readonly #presence = new Presence();
  readonly #acquaintances = new Acquaintances();
  readonly #greetings = new Repeat(FIRST_REPEAT_MS, MAX_REPEAT_MS);
  readonly #aloneGreetings = new Repeat(ALONE_GREETING_MS, ALONE_GREETING_MS);
  readonly #invitations = new Repeat(FIRST_REPEAT_MS, MAX_REPEAT_MS);
  readonly #progress = new Stall();
  readonly #leaving = new Stall();
  readonly #warned = new Set<string>();
  readonly #chat: number;
  #contacts: readonly ChatContact[] = [];
  /** Lines that have not been multicast, encoded. */
  #queue: Uint8Array[] = [];
  #seq = 0;
  /** Attempts to begin the first view of a static group. */
  #attempts = 0;
  /** Since when this process could begin a chat of its own, as far as it knows. */
  #lonelySince: Millis = NaN;
  #outsideSince: Millis = NaN;
  #waiting: string | null = null;
  #blocked = "";
  #pulseAt: Millis = -Infinity;
  #isLeaving = false;
  #left = false;
  #time: Millis = 0;

  constructor(options: ChatGroupOptions, outbox: ChatOutbox) {
    const { self, codec, fragmentBytes, random } = options;
    this.#options = options;
    this.#outbox = outbox;
    this.#self = self;
    this.#chat = drawNumber(random);
    this.#views = new Views({
      self,
      codec,
      fragmentBytes,
      openFrames: (plan, number) => outbox.openFrames(plan, number),
      closeFrames: (plan) => outbox.closeFrames(plan),
      onLine: this.#onLine,
      onBegin: this.#onBegin,
    });
  }

  /** Has it left? Nothing more is expected of it then. */
  get left(): boolean {
    return this.#left;
  }

  /** Everybody in the chat, in the order of the view, and those who are known and not in it. */
  get who(): readonly ChatPresence[] {
    const { name: own } = this.#self;
    const members = this.#views.current?.plan.members ?? [];
    const here = members.map(({ name }) => name);
    const others = this.#views.current === null || this.#options.kind === "static"
      ? this.#contacts.map(({ name }) => name).filter((name) => !here.includes(name))
      : [];
    return [
      ...here.map((name) => ({
        name,
        state: this.#presence.isSilent(name) ? "silent" as const : "here" as const,
        self: name === own,
      })),
      ...others.map((name) => ({
        name,
        state: this.#isAround(name) ? "here" as const : "missing" as const,
        self: name === own,
      })),
    ];
  }

  /** When `tick` must be called next; -Infinity for "at the end of this turn". */
  get deadline(): Millis {
    if (this.#left) return Infinity;
    let at = this.#pulseAt;
    if (this.#views.current === null) at = Math.min(at, this.#greetings.at);
    if (this.#views.pending?.isCoordinator) at = Math.min(at, this.#invitations.at);
    return Math.min(this.#clock.when(at), this.#views.deadline);
  }

  /** These may be in the chat: the same list at all of a static group, in the same order, this
   * process included; or whoever is registered now, in the order of registration. */
  meet(contacts: readonly ChatContact[]): void {
    const known = new Set(this.#contacts.map(({ name }) => name));
    if (contacts.some(({ name }) => !known.has(name))) this.#greetings.restart();
    this.#contacts = contacts;
  }

  /** Multicasts a line, now or as soon as that is possible.
   *
   * @throws {RangeError} The line is too long, or too many wait already.
   * @throws {Error} This process is leaving. */
  say(text: string): void {
    if (this.#isLeaving) throw new Error("Who is leaving can't say anything any more");
    if (this.#queue.length >= MAX_QUEUED_LINES) {
      throw new RangeError(`${MAX_QUEUED_LINES} lines are waiting already`);
    }
    const line = { type: "line", seq: this.#seq + 1, text } as const;
    this.#queue.push(this.#options.codec.encode(line));
    this.#seq++;
  }

  /** Says goodbye as soon as everything that was said has been multicast. `left` tells when the
   * others can go on without this process. */
  leave(): void {
    this.#isLeaving = true;
    this.#greetings.restart();
  }

  /** Takes in a greeting. */
  receiveGreeting(greeting: Greeting, now: Millis): void {
    this.#time = this.#clock.at(now);
    if (this.#left || !this.#isWelcome(greeting)) return;
    const { from, state } = greeting;
    this.#acquaintances.note(greeting, this.#time);
    const known = this.#views.latestMembers.find(({ name }) => name === from.name);
    if (known?.nonce === from.nonce) this.#hear(from);
    if (state === "gone") this.#receiveGone(greeting, known);
    else if (state === "outside") this.#answer(from, known);
    else if (state === "barred") this.#warnBarred(from);
  }

  /** Takes in an invitation. */
  receiveInvitation(plan: ViewPlan, now: Millis): void {
    this.#time = this.#clock.at(now);
    if (this.#left || !isAmong(this.#self, plan.members) || !this.#accepts(plan)) return;
    if (this.#views.pending === null) this.#views.forsake(); // A view of one, or none.
    this.#views.open(plan, false, this.#time);
  }

  /** Takes in a frame of the view with this run. Returns false if no member of it can have sent it. */
  receiveFrame(run: number, frame: Frame, now: Millis): boolean {
    this.#time = this.#clock.at(now);
    if (this.#left) return false;
    const sender = this.#views.receive(run, frame, now);
    if (sender !== undefined) this.#hear(sender);
    return sender !== undefined;
  }

  /** Delivers what may be delivered and sends what is due. */
  tick(now: Millis): void {
    this.#time = this.#clock.at(now);
    if (this.#left) return;
    this.#views.tick(now);
    if (this.#multicastQueue(now)) this.#views.tick(now);
    this.#beginFirst(now);
    this.#makeAnotherAttempt(now);
    if (this.#proposeChange(now)) this.#views.tick(now);
    this.#invite();
    this.#greet();
    if (this.#time >= this.#pulseAt) {
      this.#pulseAt = this.#time + PULSE_MS;
      this.#watchMembers(now);
      this.#tellWaiting();
      this.#tellBlocked();
    }
    if (this.#isLeaving) this.#leaveIfPossible();
  }
}

function drawNumber(random: Random): number {
  return 1 + random.below(2 ** 32 - 1);
}
