/**
 * One process of a scenario: the real protocol and the real codec, and a journal of what it does.
 *
 * @module
 */

import { Journal } from "../../src/history/journal.ts";
import { assert } from "../../src/protocols/assert.ts";
import { Frame, highestSegmentKind } from "../../src/protocols/frame.ts";
import { GROUP_PARTS, GroupProcess } from "../../src/protocols/group_process.ts";
import type { Knowledge } from "../../src/protocols/knowledge.ts";
import type { Ordering } from "../../src/protocols/ordering/ordering.ts";
import type { GroupOutbox } from "../../src/protocols/outbox.ts";
import type { Order, ProcessId } from "../../src/protocols/process.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { DatagramWriter, headerBytes } from "../../src/wire/datagram_writer.ts";
import { describePayload } from "./describe.ts";
import type { World } from "./world.ts";

/** What all processes of a run have in common. */
export interface GroupSettings {
  readonly run: number;
  readonly size: number;
  readonly order: Order;
  readonly maxDatagramBytes: number;
}

/** How a process is: it runs, takes nothing in for a while, or is gone for good. */
export type Health = "up" | "paused" | "crashed";

/** One process and what it has done. */
export class Member implements GroupOutbox {
  readonly self: ProcessId;
  readonly process: GroupProcess;
  readonly journal: Journal;
  /** The payloads of the deliveries, as {@linkcode describePayload} has them. */
  readonly log: string[] = [];
  health: Health = "up";
  readonly #world: World;
  readonly #reader: DatagramReader;
  readonly #writer: DatagramWriter;
  readonly #size: number;
  #receivedCount = 0;
  #knowledge: Knowledge | null = null;
  #ordering: Ordering | null = null;

  constructor(world: World, self: ProcessId, settings: GroupSettings) {
    const { run, size, order, maxDatagramBytes } = settings;
    this.#world = world;
    this.self = self;
    this.#size = size;
    this.journal = new Journal(self);
    this.#reader = new DatagramReader(run, self, size, highestSegmentKind(order));
    this.#writer = new DatagramWriter(run, maxDatagramBytes);
    const fragmentBytes = maxDatagramBytes - headerBytes(size);
    // The real parts; a scenario's `status` looks at two of them.
    this.process = new GroupProcess({ self, size, order, fragmentBytes }, this, {
      ...GROUP_PARTS,
      makeKnowledge: (...args) => this.#knowledge = GROUP_PARTS.makeKnowledge(...args),
      makeOrdering: (...args) => this.#ordering = GROUP_PARTS.makeOrdering(...args),
    });
  }

  /** Takes a datagram in. Returns what became of it where that is not what one expects. */
  receive(bytes: Uint8Array): string {
    const frame = new Frame(this.#size);
    const reading = this.#reader.read(bytes, frame);
    if (reading !== "frame") return reading === "malformed" ? "malformed" : "of another run";
    return this.process.receive(frame, this.#world.now) ? "" : "no member of this run says that";
  }

  /** One line: how far it is and whom it waits for. */
  get status(): string {
    const { process, health } = this;
    if (health === "crashed") return `${this.self} crashed`;
    const parts: string[] = [health === "paused" ? `${process.state} (paused)` : process.state];
    const time = this.#ordering!.time;
    if (!Number.isNaN(time)) parts.push(`clock ${time}`);
    parts.push(`has [${this.#knowledge!.own.join(" ")}]`);
    const heldBack = process.multicastCount + this.#receivedCount - process.deliveredCount;
    if (heldBack > 0) parts.push(`holds back ${heldBack}`);
    if (process.waitingFor.length > 0) parts.push(`waits for ${process.waitingFor.join(", ")}`);
    return `${this.self} ${parts.join(", ")}`;
  }

  // --- the outbox

  /** @ignore */
  send(to: ProcessId, frame: Frame): void {
    this.#writer.write(frame, (bytes) => this.#world.transmit(this.self, [to], bytes.slice()));
  }

  /** @ignore */
  multicast(frame: Frame): void {
    const others = this.#world.members.flatMap(({ self }) => self === this.self ? [] : [self]);
    this.#writer.write(frame, (bytes) => this.#world.transmit(this.self, others, bytes.slice()));
  }

  /** @ignore */
  multicasted(seq: number, time: number, sizeBytes: number): void {
    this.journal.multicast(seq, time, this.#world.now, sizeBytes);
    this.#world.note("detail", `${this.self} multicasts ${this.self}:${seq}${clock(time)}`);
  }

  /** @ignore */
  received(sender: ProcessId, seq: number, time: number): void {
    this.#receivedCount++;
    this.journal.receive(sender, seq, time, this.#world.now);
    this.#world.note("detail", `${this.self} receives ${sender}:${seq}${clock(time)}`);
  }

  /** @ignore */
  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void {
    const multicast = this.#world.payloadOf(sender, seq);
    assert(
      payload.length === multicast.length && payload.every((byte, i) => byte === multicast[i]),
      `process ${this.self} delivers ${sender}:${seq} as it was multicast`,
    );
    const text = describePayload(payload);
    this.log.push(text);
    this.journal.deliver(sender, seq, time, this.#world.now);
    this.#world.note("deed", `${this.self} delivers ${sender}:${seq} ${text}${clock(time)}`);
  }
}

function clock(time: number): string {
  return Number.isNaN(time) ? "" : `, clock ${time}`;
}
