/**
 * The outbox of a simulated process: frames go through the real codec to the network, and what
 * happens goes into a journal, which the checkers judge.
 *
 * @module
 */

import { Journal } from "../history/journal.ts";
import type { Frame } from "../protocols/frame.ts";
import type { FrameOutbox, GroupOutbox } from "../protocols/outbox.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import { DatagramWriter } from "../wire/datagram_writer.ts";
import type { TraceHash } from "./trace_hash.ts";

/** What a block of datagrams takes. */
const BLOCK_BYTES = 64 * 1024;

/** Puts a datagram on the network. The bytes never change afterwards. */
export type Transmit = (from: ProcessId, to: ProcessId, bytes: Uint8Array) => void;

/** What an outbox is made of. */
export interface RecordingOutboxOptions {
  readonly run: number;
  readonly self: ProcessId;
  readonly size: number;
  readonly payloadBytes: number;
  readonly maxDatagramBytes: number;
  readonly transmit: Transmit;
  /** Takes in each delivery. */
  readonly hash: TraceHash;
}

/** Writes frames as datagrams, and a journal. */
export class RecordingOutbox implements GroupOutbox {
  readonly #options: RecordingOutboxOptions;
  readonly #writer: DatagramWriter;
  /** Where the frame that is being written goes to. */
  #to: ProcessId = 0;
  #block = new Uint8Array(0);
  #used = 0;
  readonly journal: Journal;
  /** Virtual time, to be set before each call of the protocol. */
  now: Millis = 0;
  /** The first delivery whose payload was not what its sender multicast; null if there was none. */
  corrupted: string | null = null;

  constructor(options: RecordingOutboxOptions) {
    this.#options = options;
    this.#writer = new DatagramWriter(options.run, options.maxDatagramBytes);
    this.journal = new Journal(options.self);
  }

  send(to: ProcessId, frame: Frame): void {
    this.#to = to;
    this.#writer.write(frame, this.#transmitToOne);
  }

  multicast(frame: Frame): void {
    this.#writer.write(frame, this.#transmitToAll);
  }

  readonly #transmitToOne = (datagram: Uint8Array): void => {
    this.#options.transmit(this.#options.self, this.#to, this.#copy(datagram));
  };

  readonly #transmitToAll = (datagram: Uint8Array): void => {
    const { self, size, transmit } = this.#options;
    const bytes = this.#copy(datagram);
    for (let q = 0; q < size; q++) {
      if (q !== self) transmit(self, q, bytes);
    }
  };

  /** Datagrams lie one behind the other in large blocks, as those of a socket do: memory of its own
   * for each would cost more than all that is done with it. */
  #copy(datagram: Uint8Array): Uint8Array {
    if (this.#used + datagram.length > this.#block.length) {
      this.#block = new Uint8Array(Math.max(BLOCK_BYTES, datagram.length));
      this.#used = 0;
    }
    const bytes = this.#block.subarray(this.#used, this.#used + datagram.length);
    bytes.set(datagram);
    this.#used += datagram.length;
    return bytes;
  }

  multicasted(seq: number, time: number, sizeBytes: number): void {
    this.journal.multicast(seq, time, this.now, sizeBytes);
  }

  received(sender: ProcessId, seq: number, time: number): void {
    this.journal.receive(sender, seq, time, this.now);
  }

  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void {
    this.journal.deliver(sender, seq, time, this.now);
    this.#options.hash.add(sender * this.#options.size + this.#options.self);
    this.#options.hash.add(seq);
    this.#options.hash.add(time);
    if (!isPayload(sender, seq, this.#options.payloadBytes, payload)) {
      this.corrupted ??= `${sender}:${seq}`;
    }
  }
}

/** An outbox that hands everything but frames on, and frames through a filter. */
export function filtered(outbox: GroupOutbox, frames: FrameOutbox): GroupOutbox {
  return {
    send: (to, frame) => frames.send(to, frame),
    multicast: (frame) => frames.multicast(frame),
    multicasted: (seq, time, sizeBytes) => outbox.multicasted(seq, time, sizeBytes),
    received: (sender, seq, time) => outbox.received(sender, seq, time),
    deliver: (sender, seq, time, payload) => outbox.deliver(sender, seq, time, payload),
  };
}

/** The payload of message `seq` of `sender`: bytes that tell every message and position apart. */
export function makePayload(sender: ProcessId, seq: number, sizeBytes: number): Uint8Array {
  const payload = new Uint8Array(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) payload[i] = sender * 31 + seq * 7 + i;
  return payload;
}

function isPayload(
  sender: ProcessId,
  seq: number,
  sizeBytes: number,
  payload: Uint8Array,
): boolean {
  if (payload.length !== sizeBytes) return false;
  for (let i = 0; i < sizeBytes; i++) {
    if (payload[i] !== ((sender * 31 + seq * 7 + i) & 0xff)) return false;
  }
  return true;
}
