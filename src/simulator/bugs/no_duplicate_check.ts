/**
 * ```text
 * right:  on receipt of m:  unless m was received before, hold it back
 * here:   on receipt of m:  if m was delivered before, deliver it again
 * ```
 *
 * @module
 */

import { type Frame, FrameKind } from "../../protocols/frame.ts";
import { type GroupOptions, GroupProcess } from "../../protocols/group_process.ts";
import type { GroupOutbox } from "../../protocols/outbox.ts";
import type { Millis, ProcessId } from "../../protocols/process.ts";
import { DeliveredMessages } from "../delivered_messages.ts";
import type { Bug } from "./bug.ts";

/** What comes twice is delivered twice. */
export const noDuplicateCheck: Bug = {
  name: "no-duplicate-check",
  order: "lamport",
  explanation: "nobody looks whether a message has come before, so one that the network doubled, " +
    "or that was sent again because its acknowledgement got lost, is delivered twice",
  caughtBy: "integrity",
  makeGroup: (options, outbox) => {
    const delivered = new DeliveredMessages(outbox, options.size);
    return new ForgetfulGroup(options, delivered.remembering, delivered);
  },
};

class ForgetfulGroup extends GroupProcess {
  readonly #delivered: DeliveredMessages;

  constructor(options: GroupOptions, outbox: GroupOutbox, delivered: DeliveredMessages) {
    super(options, outbox);
    this.#delivered = delivered;
  }

  override accept(
    sender: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
  ): void {
    super.accept(sender, seq, time, kind, payload);
    this.#delivered.accepted(sender, seq, kind);
  }

  override receive(frame: Frame, now: Millis): boolean {
    if (frame.kind === FrameKind.data) {
      for (let i = 0; i < frame.times.length; i++) {
        this.#delivered.deliverAgain(frame.from, frame.firstSeq + i);
      }
    }
    return super.receive(frame, now);
  }
}
