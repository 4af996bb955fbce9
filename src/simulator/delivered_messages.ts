/**
 * What a process has delivered, to be delivered again: some deliberate mistakes do that.
 *
 * @module
 */

import { SegmentKind } from "../protocols/frame.ts";
import type { GroupOutbox } from "../protocols/outbox.ts";
import type { ProcessId } from "../protocols/process.ts";
import { filtered } from "./recording_outbox.ts";

/** Remembers messages, and which segment completed which of them. */
export class DeliveredMessages {
  readonly #outbox: GroupOutbox;
  readonly #payloads = new Map<string, Uint8Array>();
  /** Which message of process p each segment in `#messages[p]` completes. */
  readonly #messages: Map<number, number>[];
  #time = 0;

  /** Of a group of `size` processes; `outbox` takes the deliveries. */
  constructor(outbox: GroupOutbox, size: number) {
    this.#outbox = outbox;
    this.#messages = Array.from({ length: size }, () => new Map());
  }

  /** The outbox for the protocol: what is delivered through it is remembered. */
  get remembering(): GroupOutbox {
    return {
      ...filtered(this.#outbox, this.#outbox),
      deliver: (sender, seq, time, payload) => {
        this.#payloads.set(`${sender}:${seq}`, payload.slice());
        this.#time = time;
        this.#outbox.deliver(sender, seq, time, payload);
      },
    };
  }

  /** A segment of `sender` has been accepted. */
  accepted(sender: ProcessId, segment: number, kind: number): void {
    if (kind !== SegmentKind.last) return;
    const messages = this.#messages[sender]!;
    messages.set(segment, messages.size + 1);
  }

  /** Delivers the message that this segment completed once more. One that is still held back, or
   * that has not come, is left alone. Returns whether it was delivered. */
  deliverAgain(sender: ProcessId, segment: number): boolean {
    const seq = this.#messages[sender]!.get(segment);
    const payload = this.#payloads.get(`${sender}:${seq}`);
    if (payload === undefined) return false;
    this.#outbox.deliver(sender, seq!, this.#time, payload);
    return true;
  }
}
