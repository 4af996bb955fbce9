/**
 * What one process keeps about its link to one other member.
 *
 * @module
 */

import type { IncomingStream } from "./incoming_stream.ts";
import type { Millis } from "./process.ts";
import { RoundTrip } from "./round_trip.ts";

/** The state of a link. Attempts that lead to nothing double the time to the next: a process that
 * answers and can't help is not asked as fast as it answers. */
export class MemberLink {
  readonly roundTrip = new RoundTrip();
  /** The member's own segments. */
  readonly incoming: IncomingStream;

  /** The member wants to hear what this process has. */
  isReplyOwed = false;
  /** It has sent segments that it has not been told about since. */
  isUntold = false;
  /** Segments that it has asked for: pairs first, last. */
  wanted: number[] = [];

  /** When to send again what it has not acknowledged. */
  resendAt: Millis = Infinity;
  /** How often that has been done since its acknowledgement last moved. */
  resends = 0;
  /** Its acknowledgement of the segment that is being timed will be a measurement: nothing has been
   * sent to it twice since (Karn's rule). */
  isTimed = false;

  /** When to ask it for its knowledge, if it is awaited. */
  probeAt: Millis = Infinity;
  /** How often that has been done since it last had news. */
  probes = 0;

  constructor(incoming: IncomingStream) {
    this.incoming = incoming;
  }

  /** When something is to be done about it; Infinity for nothing. */
  get deadline(): Millis {
    return Math.min(this.incoming.deadline, this.resendAt, this.probeAt);
  }

  /** It had news, or is awaited no longer. */
  endProbing(): void {
    this.probeAt = Infinity;
    this.probes = 0;
  }

  /** It has been asked for an answer by other means. */
  putProbeOff(now: Millis): void {
    if (this.probeAt !== Infinity) this.probeAt = now + this.roundTrip.timeoutMs(this.probes);
  }
}
