/**
 * ```text
 * right:  a stop marker counts when it is delivered, in its turn; who has delivered all of them
 *         is done, and leaves when all are
 * here:   a stop marker counts when it is received; who has received all of them leaves
 * ```
 *
 * @module
 */

import { type Frame, SegmentKind } from "../../protocols/frame.ts";
import { type GroupOptions, GroupProcess } from "../../protocols/group_process.ts";
import type { GroupOutbox } from "../../protocols/outbox.ts";
import type { Millis, ProcessId } from "../../protocols/process.ts";
import type { Bug } from "./bug.ts";

/** A stop marker overtakes what is held back. */
export const stopOvertakes: Bug = {
  name: "stop-overtakes",
  order: "lamport",
  explanation: "a stop marker counts when it arrives instead of in its turn, so that a process " +
    "leaves while messages are still held back, and never delivers what others do",
  caughtBy: "agreement",
  makeGroup: (options, outbox) => new HurriedGroup(options, outbox),
};

class HurriedGroup extends GroupProcess {
  /** How many have not stopped, as far as this process has heard. */
  #active: number;
  #hasLeft = false;

  constructor(options: GroupOptions, outbox: GroupOutbox) {
    super(options, outbox);
    this.#active = options.size;
  }

  override stop(now: Millis): void {
    super.stop(now);
    this.#active--;
  }

  override accept(
    sender: ProcessId,
    seq: number,
    time: number,
    kind: number,
    payload: Uint8Array,
  ): void {
    super.accept(sender, seq, time, kind, payload);
    if (kind === SegmentKind.stop) this.#active--;
  }

  override tick(now: Millis): void {
    if (this.#hasLeft) return;
    super.tick(now);
    this.#hasLeft = this.#active === 0;
  }

  override receive(frame: Frame, now: Millis): boolean {
    return this.#hasLeft || super.receive(frame, now);
  }

  override get complete(): boolean {
    return this.#hasLeft || super.complete;
  }

  override get deadline(): Millis {
    return this.#hasLeft ? Infinity : super.deadline;
  }
}
