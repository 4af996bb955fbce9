/**
 * What a protocol wants from the world.
 *
 * An outbox enqueues and returns: it never calls the protocol back.
 *
 * @module
 */

import type { Frame } from "./frame.ts";
import type { ProcessId } from "./process.ts";

/** The network, as a protocol sees it. Frames may be lost, doubled and overtaken. A frame is the
 * caller's again when the call returns. */
export interface FrameOutbox {
  /** Sends to one process. */
  send(to: ProcessId, frame: Frame): void;
  /** Sends the same to every other member. */
  multicast(frame: Frame): void;
}

/** The network below and the application above. `time` is the logical clock at the event, NaN for
 * an order that has none. */
export interface GroupOutbox extends FrameOutbox {
  /** This process has multicast its message `seq`, counted from 1. */
  multicasted(seq: number, time: number, sizeBytes: number): void;
  /** A message has come in from the wire. */
  received(sender: ProcessId, seq: number, time: number): void;
  /** A message is handed to the application, which may read `payload` but not keep it. */
  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void;
}
