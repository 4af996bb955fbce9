/**
 * ```text
 * right:  on receipt of m at the sequencer:  unless m was received before, give it a number
 * here:   on receipt of m at the sequencer:  give it a number
 * ```
 *
 * @module
 */

import { type Frame, FrameKind, SegmentKind } from "../../protocols/frame.ts";
import { GROUP_PARTS, type GroupOptions, GroupProcess } from "../../protocols/group_process.ts";
import { positionCount, processAt, seqAt, writePositions } from "../../protocols/positions.ts";
import type { Millis, ProcessId } from "../../protocols/process.ts";
import { SEQUENCER } from "../../protocols/ordering/sequencer.ts";
import type { ReliableMulticast } from "../../protocols/reliable_multicast.ts";
import { DeliveredMessages } from "../delivered_messages.ts";
import type { Bug } from "./bug.ts";

/** Each copy of a message gets a place in the order. */
export const numberingTwice: Bug = {
  name: "numbering-twice",
  order: "sequencer",
  explanation:
    "the sequencer gives a number to every copy of a message that it receives, so that " +
    "one whose acknowledgement got lost has two places in the order, and everybody delivers it twice",
  caughtBy: "integrity",
  makeGroup: (options, outbox) => {
    const delivered = new DeliveredMessages(outbox, options.size);
    const links: ReliableMulticast[] = [];
    const parts = {
      ...GROUP_PARTS,
      makeLink: (...args: Parameters<typeof GROUP_PARTS.makeLink>) => {
        const link = GROUP_PARTS.makeLink(...args);
        links.push(link);
        return link;
      },
    };
    return new CopyingGroup(options, delivered, parts, () => links[0]!);
  },
};

class CopyingGroup extends GroupProcess {
  readonly #self: ProcessId;
  readonly #delivered: DeliveredMessages;
  readonly #link: () => ReliableMulticast;
  /** How far the sequencer has given numbers to the segments of each process. */
  readonly #numbered: Float64Array;

  constructor(
    options: GroupOptions,
    delivered: DeliveredMessages,
    parts: typeof GROUP_PARTS,
    link: () => ReliableMulticast,
  ) {
    super(options, delivered.remembering, parts);
    this.#self = options.self;
    this.#delivered = delivered;
    this.#link = link;
    this.#numbered = new Float64Array(options.size);
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
    if (sender === SEQUENCER && kind === SegmentKind.order) this.#follow(payload);
  }

  override receive(frame: Frame, now: Millis): boolean {
    if (this.#self === SEQUENCER && frame.kind === FrameKind.data) this.#numberCopies(frame);
    return super.receive(frame, now);
  }

  /** At the sequencer: what has been received before gets another number. */
  #numberCopies(frame: Frame): void {
    for (let i = 0; i < frame.times.length; i++) {
      const seq = frame.firstSeq + i;
      // A copy of what has no number yet comes too early to do harm.
      if (!this.#delivered.deliverAgain(frame.from, seq)) continue;
      this.#link().multicast(0, SegmentKind.order, writePositions([[frame.from, seq]]));
    }
  }

  /** At the others: what is numbered again is delivered again. */
  #follow(payload: Uint8Array): void {
    for (let i = 0; i < positionCount(payload); i++) {
      const [p, seq] = [processAt(payload, i), seqAt(payload, i)];
      if (seq <= this.#numbered[p]!) this.#delivered.deliverAgain(p, seq);
      this.#numbered[p] = Math.max(this.#numbered[p]!, seq);
    }
  }
}
