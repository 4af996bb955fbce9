/**
 * What keeps what happens at a process, while it happens: a journal keeps all of it, a digest what
 * fits into little memory.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";

/** Takes in the events of one process, in the order in which they happen there. `time` is the
 * logical clock, NaN where there is none; `at` is in milliseconds since the epoch. */
export interface Recorder {
  /** This process multicast its message `seq`. */
  multicast(seq: number, time: number, at: Millis, sizeBytes: number): void;
  /** A message came from the wire. */
  receive(sender: ProcessId, seq: number, time: number, at: Millis): void;
  /** A message was handed to the application. */
  deliver(sender: ProcessId, seq: number, time: number, at: Millis): void;
}
