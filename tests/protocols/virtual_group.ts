/**
 * A group in virtual time: real protocol, real codec, a network that does what the test says.
 *
 * @module
 */

import { Journal } from "../../src/history/journal.ts";
import type { Run } from "../../src/history/run.ts";
import { Frame, highestSegmentKind } from "../../src/protocols/frame.ts";
import { type GroupOptions, GroupProcess } from "../../src/protocols/group_process.ts";
import type { GroupOutbox } from "../../src/protocols/outbox.ts";
import type { Millis, Order, ProcessId } from "../../src/protocols/process.ts";
import { Random } from "../../src/protocols/random.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { DatagramWriter, headerBytes } from "../../src/wire/datagram_writer.ts";

/** What the network does with one datagram: when its copies arrive, relative to now. */
export type Fate = (from: ProcessId, to: ProcessId, now: Millis, bytes: Uint8Array) => Millis[];

export interface VirtualGroupOptions {
  size: number;
  order?: Order;
  maxDatagramBytes?: number;
  fate: Fate;
}

interface Arrival {
  at: Millis;
  sequence: number;
  from: ProcessId;
  to: ProcessId;
  bytes: Uint8Array;
}

const RUN = 77;

/** A process that remembers what it has multicast, for all deliveries to be held against. */
class RememberingProcess extends GroupProcess {
  readonly payloads: Uint8Array[];

  constructor(options: GroupOptions, outbox: GroupOutbox, payloads: Uint8Array[]) {
    super(options, outbox);
    this.payloads = payloads;
  }

  override multicast(payload: Uint8Array, now: Millis): number {
    // Before, since in the order none the message is delivered at once.
    this.payloads[this.multicastCount] = payload.slice();
    return super.multicast(payload, now);
  }
}

/** One process and what it has done. */
export class VirtualMember implements GroupOutbox {
  readonly process: GroupProcess;
  /** What it has multicast: message `seq` is at `seq - 1`. */
  readonly payloads: Uint8Array[] = [];
  readonly journal: Journal;
  readonly delivered: string[] = [];
  readonly reader: DatagramReader;
  readonly writer: DatagramWriter;
  /** While true, nothing comes in and no time passes for it. */
  paused = false;
  /** When the test wants to act for it. */
  wakeAt: Millis = Infinity;
  malformed = 0;
  #group: VirtualGroup;
  #self: ProcessId;

  constructor(group: VirtualGroup, self: ProcessId, options: VirtualGroupOptions) {
    const { size, order = "lamport", maxDatagramBytes = 1400 } = options;
    this.#group = group;
    this.#self = self;
    this.journal = new Journal(self);
    this.reader = new DatagramReader(RUN, self, size, highestSegmentKind(order));
    this.writer = new DatagramWriter(RUN, maxDatagramBytes);
    const fragmentBytes = maxDatagramBytes - headerBytes(size);
    this.process = new RememberingProcess(
      { self, size, order, fragmentBytes },
      this,
      this.payloads,
    );
  }

  send(to: ProcessId, frame: Frame): void {
    this.writer.write(frame, (bytes) => this.#group.transmit(this.#self, to, bytes.slice()));
  }

  multicast(frame: Frame): void {
    this.writer.write(frame, (bytes) => {
      for (let q = 0; q < this.#group.members.length; q++) {
        if (q !== this.#self) this.#group.transmit(this.#self, q, bytes.slice());
      }
    });
  }

  multicasted(seq: number, time: number, sizeBytes: number): void {
    this.journal.multicast(seq, time, this.#group.now, sizeBytes);
  }

  received(sender: ProcessId, seq: number, time: number): void {
    this.journal.receive(sender, seq, time, this.#group.now);
  }

  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void {
    this.journal.deliver(sender, seq, time, this.#group.now);
    const multicast = this.#group.members[sender]!.payloads[seq - 1];
    if (multicast === undefined || !equalBytes(payload, multicast)) {
      this.#group.violations.push(`${this.#self} delivered ${sender}:${seq} with another payload`);
    }
    this.delivered.push(`${sender}:${seq}:${new TextDecoder().decode(payload.subarray(0, 40))}`);
  }
}

export class VirtualGroup {
  now: Millis = 0;
  readonly members: VirtualMember[];
  datagrams = 0;
  /** What must never happen, whatever the network does, and has. */
  readonly violations: string[] = [];
  #fate: Fate;
  #arrivals: Arrival[] = [];
  #sequence = 0;

  constructor(options: VirtualGroupOptions) {
    this.#fate = options.fate;
    this.members = Array.from(
      { length: options.size },
      (_, p) => new VirtualMember(this, p, options),
    );
  }

  transmit(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    this.datagrams++;
    for (const delay of this.#fate(from, to, this.now, bytes)) {
      this.#arrivals.push({ at: this.now + delay, sequence: this.#sequence++, from, to, bytes });
    }
  }

  /** Goes on until `condition` holds; false if `limitMs` of virtual time pass before. */
  runUntil(condition: () => boolean, limitMs: Millis): boolean {
    const end = this.now + limitMs;
    for (;;) {
      for (const member of this.members) this.#tick(member);
      this.#checkComplete();
      if (condition()) return true;
      const next = this.#nextTime();
      if (next > end) return false;
      this.now = Math.max(this.now, next);
      this.#arrive();
    }
  }

  #tick(member: VirtualMember): void {
    if (!member.paused && member.process.deadline <= this.now) member.process.tick(this.now);
  }

  /** Whoever says that everybody is finished must be right. */
  #checkComplete(): void {
    const early = this.members.findIndex(({ process }) => process.complete);
    if (early === -1) return;
    const working = this.members.findIndex(({ process }) => !process.finished);
    if (working !== -1) this.violations.push(`${early} is complete before ${working} has finished`);
  }

  #nextTime(): Millis {
    let next = Infinity;
    for (const { process, paused, wakeAt } of this.members) {
      if (!paused) next = Math.min(next, process.deadline);
      if (wakeAt > this.now) next = Math.min(next, wakeAt);
    }
    for (const { at, to } of this.#arrivals) {
      if (!this.members[to]!.paused) next = Math.min(next, at);
    }
    return next;
  }

  #arrive(): void {
    const due = this.#arrivals.filter((a) => a.at <= this.now && !this.members[a.to]!.paused);
    due.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    this.#arrivals = this.#arrivals.filter((a) => !due.includes(a));
    for (const { to, bytes } of due) {
      const member = this.members[to]!;
      const frame = new Frame(this.members.length);
      if (member.reader.read(bytes, frame) !== "frame") member.malformed++;
      else if (!member.process.receive(frame, this.now)) member.malformed++;
    }
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** A network with the same faults everywhere. */
export function faulty(
  seed: number,
  faults: { delayMs?: [number, number]; loss?: number; duplicate?: number },
): Fate {
  const random = new Random(seed);
  const { delayMs: [min, max] = [1, 1], loss = 0, duplicate = 0 } = faults;
  return () => {
    if (random.chance(loss)) return [];
    const delays = [random.between(min, max)];
    if (random.chance(duplicate)) delays.push(random.between(min, max));
    return delays;
  };
}

/** What each process multicasts. */
export interface Load {
  messages: number;
  /** Bounds of the pause between two multicasts. */
  intervalMs?: [number, number];
  seed?: number;
  /** Who multicasts; everybody unless said otherwise. */
  senders?: ProcessId[];
  payload?: (sender: ProcessId, seq: number) => Uint8Array;
}

/** Lets the processes multicast and stop, until all of them are complete. Returns whether they come
 * to that within `limitMs` of virtual time. */
export function runLoad(group: VirtualGroup, load: Load, limitMs: Millis = 600_000): boolean {
  const { messages, intervalMs: [min, max] = [0, 10], seed = 1, payload = textPayload } = load;
  const random = new Random([seed, 99]);
  const senders = load.senders ?? group.members.map((_, p) => p);
  const left = group.members.map((_, p) => senders.includes(p) ? messages : 0);
  const nextAt = group.members.map(() => random.between(min, max));
  const stopped = group.members.map(() => false);
  return group.runUntil(() => {
    for (const [p, member] of group.members.entries()) {
      const { process } = member;
      if (member.paused) continue;
      while (left[p]! > 0 && process.writable && group.now >= nextAt[p]!) {
        process.multicast(payload(p, messages - --left[p]!), group.now);
        nextAt[p] = group.now + random.between(min, max);
      }
      member.wakeAt = nextAt[p]!;
      if (left[p] === 0 && process.ready && !stopped[p]) {
        stopped[p] = true;
        process.stop(group.now);
      }
    }
    return group.members.every((m) => m.process.complete);
  }, limitMs);
}

/** `2:7`: short, and different for each message. */
export function textPayload(sender: ProcessId, seq: number): Uint8Array {
  return new TextEncoder().encode(`${sender}:${seq}`);
}

/** The journals as the checkers want them. */
export function runOf(group: VirtualGroup): Run {
  return {
    processes: group.members.length,
    journals: new Map(group.members.map((member, p) => [p, member.journal])),
    incomplete: new Set(),
  };
}
