/**
 * ```text
 * right:  on receipt of m:  unless m was received before, hold it back
 * here:   on receipt of m:  if m was delivered before, deliver it again
 * ```
 *
 * @module
 */

import { type Frame, FrameKind, SegmentKind } from "../../protocols/frame.ts";
import { type GroupOptions, GroupProcess } from "../../protocols/group_process.ts";
import type { GroupOutbox } from "../../protocols/outbox.ts";
import type { Millis, ProcessId } from "../../protocols/process.ts";
import { filtered } from "../recording_outbox.ts";
import type { Bug } from "./bug.ts";

/** What comes twice is delivered twice. */
export const noDuplicateCheck: Bug = {
  name: "no-duplicate-check",
  order: "lamport",
  explanation: "nobody looks whether a message has come before, so one that the network doubled, " +
    "or that was sent again because its acknowledgement got lost, is delivered twice",
  caughtBy: "integrity",
  makeGroup: (options, outbox) => {
    const memory = new Memory(outbox);
    const remembering: GroupOutbox = {
      ...filtered(outbox, outbox),
      deliver: (sender, seq, time, payload) => memory.deliver(sender, seq, time, payload),
    };
    return new ForgetfulGroup(options, remembering, memory);
  },
};

class ForgetfulGroup extends GroupProcess {
  readonly #memory: Memory;
  /** Which message of process p each segment in `#messages[p]` completes. */
  readonly #messages: Map<number, number>[];

  constructor(options: GroupOptions, outbox: GroupOutbox, memory: Memory) {
    super(options, outbox);
    this.#memory = memory;
    this.#messages = Array.from({ length: options.size }, () => new Map());
  }

  override accept(
    sender: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
  ): void {
    super.accept(sender, seq, time, kind, payload);
    if (kind !== SegmentKind.last) return;
    const messages = this.#messages[sender]!;
    messages.set(seq, messages.size + 1);
  }

  override receive(frame: Frame, now: Millis): boolean {
    if (frame.kind === FrameKind.data) {
      for (let i = 0; i < frame.times.length; i++) {
        const message = this.#messages[frame.from]!.get(frame.firstSeq + i);
        if (message !== undefined) this.#memory.deliverAgain(frame.from, message);
      }
    }
    return super.receive(frame, now);
  }
}

/** Remembers what was delivered. */
class Memory {
  readonly #outbox: GroupOutbox;
  readonly #payloads = new Map<string, Uint8Array>();
  #time = 0;

  constructor(outbox: GroupOutbox) {
    this.#outbox = outbox;
  }

  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void {
    this.#payloads.set(`${sender}:${seq}`, payload.slice());
    this.#time = time;
    this.#outbox.deliver(sender, seq, time, payload);
  }

  /** A copy of what is still held back adds nothing. */
  deliverAgain(sender: ProcessId, seq: number): void {
    const payload = this.#payloads.get(`${sender}:${seq}`);
    if (payload !== undefined) this.#outbox.deliver(sender, seq, this.#time, payload);
  }
}
