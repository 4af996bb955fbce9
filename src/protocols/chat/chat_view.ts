/**
 * One view of a chat at one of its members: a group with a run of its own.
 *
 * The first change that is delivered in a view decides who is in the next one. It is the same at
 * all, since the order is total; later changes are void. From then on a member multicasts nothing
 * but its stop marker, and when the group has finished, all have delivered the same lines.
 *
 * @module
 */

import { assert } from "../assert.ts";
import { Frame, FrameFlag, FrameKind } from "../frame.ts";
import { GroupProcess } from "../group_process.ts";
import type { FrameOutbox, GroupOutbox } from "../outbox.ts";
import type { Millis, ProcessId } from "../process.ts";
import {
  type ChatChange,
  type ChatCodec,
  type ChatIdentity,
  type ChatLine,
  isAmong,
  type ViewPlan,
} from "./chat_messages.ts";

/** What a view needs besides its plan. */
export interface ChatViewOptions {
  readonly plan: ViewPlan;
  /** The member whose view this is. */
  readonly self: ChatIdentity;
  readonly fragmentBytes: number;
  readonly codec: ChatCodec;
  /** Where its frames leave. */
  readonly frames: FrameOutbox;
  /** Has this member gone, in the chat and for good? */
  readonly hasQuit: (member: ChatIdentity) => boolean;
  /** Takes lines as they are delivered. */
  readonly onLine: (sender: ChatIdentity, line: ChatLine) => void;
}

/** One member's part in a view. */
export class ChatView implements GroupOutbox {
  readonly #options: ChatViewOptions;
  readonly #heard: boolean[];
  readonly #openedAt: Millis;
  #decided: ChatChange | null = null;
  #decidedBy: ProcessId = -1;
  #proposed = false;
  #stopped = false;
  #completeAt: Millis = Infinity;

  /** Its group. */
  readonly process: GroupProcess;
  /** This member's number in it. */
  readonly self: ProcessId;

  constructor(options: ChatViewOptions, now: Millis) {
    const { plan: { members }, self, fragmentBytes } = options;
    this.#options = options;
    this.self = members.findIndex(({ name }) => name === self.name);
    assert(isAmong(self, members), "a member has only views that it is in");
    this.#heard = members.map((_, p) => p === this.self);
    this.#openedAt = now;
    const group = {
      self: this.self,
      size: members.length,
      order: "lamport",
      fragmentBytes,
    } as const;
    this.process = new GroupProcess(group, this);
  }

  /** What it was made from. */
  get plan(): ViewPlan {
    return this.#options.plan;
  }

  /** Does this member make the attempts to begin it? */
  get isCoordinator(): boolean {
    return this.plan.coordinator === this.self;
  }

  /** When it was opened here. */
  get openedAt(): Millis {
    return this.#openedAt;
  }

  /** Has this member heard from all in this view? Before that it says so to nobody, and none can
   * have begun the view. */
  get hasHeardAll(): boolean {
    return this.#heard.every(Boolean);
  }

  /** The members not heard from in this view. */
  get unheard(): ChatIdentity[] {
    return this.plan.members.filter((_, p) => !this.#heard[p]);
  }

  /** The members without which it can't go on at the moment. */
  get awaited(): ChatIdentity[] {
    return this.process.waitingFor.map((p) => this.plan.members[p]!);
  }

  /** Who shall be in the next view, once that is decided. */
  get decided(): ChatChange | null {
    return this.#decided;
  }

  /** Whose change decided. */
  get decidedBy(): ChatIdentity | undefined {
    return this.plan.members[this.#decidedBy];
  }

  /** Has this member proposed a change? One a view is enough: this one or another will decide. */
  get hasProposed(): boolean {
    return this.#proposed;
  }

  /** Is this member in what comes after this view? */
  get isLast(): boolean {
    return this.#decided !== null && !isAmong(this.#options.self, this.#decided.members);
  }

  /** Since when everybody who is there is known to have delivered everything; Infinity before. */
  get completeAt(): Millis {
    return this.#completeAt;
  }

  /** May a payload be multicast now? */
  get writable(): boolean {
    return this.#decided === null && this.process.writable;
  }

  /** Multicasts a line, encoded; `writable` must hold. */
  multicastLine(payload: Uint8Array, now: Millis): void {
    this.process.multicast(payload, now);
  }

  /** Multicasts a change; `writable` must hold. */
  propose(change: ChatChange, now: Millis): void {
    this.#proposed = true;
    this.process.multicast(this.#options.codec.encode(change), now);
  }

  /** Takes in a frame of this view. Returns its sender, or undefined if no member can have sent it. */
  receive(frame: Frame, now: Millis): ChatIdentity | undefined {
    const { from } = frame;
    if (!this.process.receive(frame, now)) return undefined;
    this.#heard[from] = true;
    return this.plan.members[from];
  }

  /** Does what is due. */
  tick(now: Millis): void {
    if (this.process.deadline <= now) this.process.tick(now);
    if (this.#decided !== null && !this.#stopped && this.process.writable) {
      this.#stopped = true;
      this.process.stop(now);
      this.process.tick(now);
    }
    if (this.#completeAt === Infinity && this.#isComplete) this.#completeAt = now;
  }

  /** Asks a member for a sign of life. */
  ask(name: string, now: Millis): void {
    const to = this.plan.members.findIndex((member) => member.name === name);
    if (to === -1 || to === this.self) return;
    const frame = new Frame(this.plan.members.length);
    frame.kind = FrameKind.hello;
    frame.from = this.self;
    frame.flags = FrameFlag.replyWanted | (this.hasHeardAll ? FrameFlag.done : 0);
    frame.at = now;
    this.#options.frames.send(to, frame);
  }

  get #isComplete(): boolean {
    const { hasQuit, plan: { members } } = this.#options;
    const { finished, unfinished } = this.process;
    return finished && unfinished.every((p) => hasQuit(members[p]!));
  }

  // --- GroupOutbox

  /** @ignore */
  send(to: ProcessId, frame: Frame): void {
    this.#options.frames.send(to, frame);
  }

  /** @ignore */
  multicast(frame: Frame): void {
    this.#options.frames.multicast(frame);
  }

  /** @ignore */
  multicasted(): void {
    // A line counts when it is delivered.
  }

  /** @ignore */
  received(): void {
    // As above.
  }

  /** @ignore */
  deliver(sender: ProcessId, _seq: number, _time: number, payload: Uint8Array): void {
    const said = this.#options.codec.decode(payload);
    if (said === null) return; // No member of ours multicasts that; all others ignore it as well.
    if (said.type === "line") {
      this.#options.onLine(this.plan.members[sender]!, said);
    } else if (this.#decided === null) {
      this.#decided = said;
      this.#decidedBy = sender;
    }
  }
}
