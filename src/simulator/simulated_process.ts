/**
 * One process of a simulated world: the real protocol and the real codec, driven as a host would.
 *
 * @module
 */

import type { Journal } from "../history/journal.ts";
import { assert } from "../protocols/assert.ts";
import { Frame, highestSegmentKind } from "../protocols/frame.ts";
import { type GroupOptions, GroupProcess } from "../protocols/group_process.ts";
import type { GroupOutbox } from "../protocols/outbox.ts";
import type { Millis, Order, ProcessId } from "../protocols/process.ts";
import { DatagramReader } from "../wire/datagram_reader.ts";
import { headerBytes } from "../wire/datagram_writer.ts";
import { makePayload, RecordingOutbox, type Transmit } from "./recording_outbox.ts";
import type { TraceHash } from "./trace_hash.ts";

/** Fragments are no smaller, even where that makes datagrams larger than they should be. */
const FRAGMENT_BYTES_MIN = 64;

/** The one run that a simulated world knows. */
const RUN = 1;

/** Makes the protocol of one process; a bug makes a variation of it. */
export type MakeGroup = (options: GroupOptions, outbox: GroupOutbox) => GroupProcess;

/** What a process is made of. */
export interface SimulatedProcessOptions {
  readonly self: ProcessId;
  readonly size: number;
  readonly order: Order;
  readonly payloadBytes: number;
  readonly maxDatagramBytes: number;
  readonly makeGroup: MakeGroup;
  readonly hash: TraceHash;
  readonly transmit: Transmit;
}

/** A process and its journal. */
export class SimulatedProcess {
  readonly #options: SimulatedProcessOptions;
  readonly #reader: DatagramReader;
  readonly #frame: Frame;
  readonly #outbox: RecordingOutbox;
  readonly #group: GroupProcess;
  #inside = false;

  /** Datagrams that made no sense; in a simulated world each is a defect. */
  malformed = 0;

  constructor(options: SimulatedProcessOptions) {
    const { self, size, order, maxDatagramBytes, makeGroup } = options;
    this.#options = options;
    this.#reader = new DatagramReader(RUN, self, size, highestSegmentKind(order));
    this.#frame = new Frame(size);
    this.#outbox = new RecordingOutbox({ ...options, run: RUN });
    const fragmentBytes = Math.max(FRAGMENT_BYTES_MIN, maxDatagramBytes - headerBytes(size));
    this.#group = makeGroup({ self, size, order, fragmentBytes }, this.#outbox);
  }

  /** The protocol, to look at. */
  get group(): Readonly<
    Pick<
      GroupProcess,
      "ready" | "writable" | "state" | "complete" | "deadline" | "waitingFor" | "inconsistencies"
    >
  > {
    return this.#group;
  }

  /** What happened here. */
  get journal(): Journal {
    return this.#outbox.journal;
  }

  /** The first delivery whose payload was not what its sender multicast; null if there was none. */
  get corrupted(): string | null {
    return this.#outbox.corrupted;
  }

  /** A datagram came. */
  receive(bytes: Uint8Array, now: Millis): void {
    this.#enter(now);
    const isFrame = this.#reader.read(bytes, this.#frame) === "frame";
    if (!isFrame || !this.#group.receive(this.#frame, now)) this.malformed++;
    this.#inside = false;
  }

  /** Multicasts the next message. */
  multicast(now: Millis): void {
    const { self, payloadBytes } = this.#options;
    this.#enter(now);
    this.#group.multicast(makePayload(self, this.#group.multicastCount + 1, payloadBytes), now);
    this.#inside = false;
  }

  /** Multicasts the stop marker. */
  stop(now: Millis): void {
    this.#enter(now);
    this.#group.stop(now);
    this.#inside = false;
  }

  /** Delivers what may be delivered. */
  advance(now: Millis): void {
    this.#enter(now);
    this.#group.advance(now);
    this.#inside = false;
  }

  /** Ends a turn. */
  tick(now: Millis): void {
    this.#enter(now);
    this.#group.tick(now);
    this.#inside = false;
  }

  #enter(now: Millis): void {
    assert(!this.#inside, "an outbox doesn't call back into the protocol");
    this.#inside = true;
    this.#outbox.now = now;
  }
}
