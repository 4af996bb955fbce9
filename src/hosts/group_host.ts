/**
 * One process of a group in one run: the protocol, on a real socket and a real clock.
 *
 * @module
 */

import { DeliveryDigest } from "../history/delivery_digest.ts";
import { Journal } from "../history/journal.ts";
import type { Recorder } from "../history/recorder.ts";
import { Frame, highestSegmentKind, MAX_GROUP_SIZE } from "../protocols/frame.ts";
import { GroupProcess } from "../protocols/group_process.ts";
import type { GroupOutbox } from "../protocols/outbox.ts";
import type { Millis, Order, ProcessId } from "../protocols/process.ts";
import { DatagramReader } from "../wire/datagram_reader.ts";
import { DatagramWriter, headerBytes } from "../wire/datagram_writer.ts";
import type { DatagramSocket } from "./datagram_socket.ts";
import { LinkEmulator } from "./link_emulator.ts";
import type { LinkSpec } from "./link_spec.ts";
import { Payloads } from "./payload.ts";
import { Workload } from "./workload.ts";

/** A datagram of this size passes every path of the internet unfragmented but the oddest. */
const PATH_DATAGRAM_BYTES = 1400;

/** Between processes of one machine a datagram may be larger, which saves system calls. */
const LOOPBACK_DATAGRAM_BYTES = 16_000;

/** After so many multicasts a turn ends, though there may be room for more. */
const MAX_MULTICASTS_PER_TURN = 512;

/** What a run is. */
export interface GroupHostOptions {
  /** Tells this run's datagrams from those of others. */
  readonly run: number;
  readonly self: ProcessId;
  /** The addresses of all processes, IP literals, by number. */
  readonly members: readonly Deno.NetAddr[];
  readonly order: Order;
  readonly seed: number;
  readonly messages: number;
  readonly intervalMinMs: Millis;
  readonly intervalMaxMs: Millis;
  readonly payloadBytes: number;
  /** How many own messages may be multicast and not yet delivered here; null for any number. */
  readonly outstanding: number | null;
  /** Whether everything that happens is kept, or a digest of it, which takes little memory. */
  readonly log: boolean;
  /** The emulated link to each process; null leaves the network as it is. */
  readonly links: ((to: ProcessId) => LinkSpec) | null;
}

/** A process in a run. It begins at once and goes on until it is closed: even when it has delivered
 * everything, others may still need it. */
export class GroupHost implements GroupOutbox {
  readonly #options: GroupHostOptions;
  readonly #socket: DatagramSocket;
  readonly #reader: DatagramReader;
  readonly #writer: DatagramWriter;
  readonly #frame: Frame;
  readonly #group: GroupProcess;
  readonly #payloads: Payloads;
  readonly #workload: Workload;
  readonly #emulator: LinkEmulator | null;
  readonly #completed = Promise.withResolvers<void>();
  readonly #recorder: Recorder;
  readonly #sentBefore: { readonly datagrams: number; readonly bytes: number };
  #now: Millis = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Infinity;
  #begun = false;
  #closed = false;

  /** What happened here; null where no log is kept. */
  readonly journal: Journal | null;
  /** What stands for the journal where no log is kept; otherwise null. */
  readonly digest: DeliveryDigest | null;
  /** Datagrams and frames that made no sense. */
  malformed = 0;
  /** Deliveries whose payload is not what its sender multicast. */
  corrupted = 0;

  /** @throws {RangeError} if the group is larger than 200 processes. */
  constructor(options: GroupHostOptions, socket: DatagramSocket) {
    const { run, self, members, order, payloadBytes, links, seed } = options;
    const size = members.length;
    if (size > MAX_GROUP_SIZE) {
      throw new RangeError(`A group has at most ${MAX_GROUP_SIZE} processes, not ${size}`);
    }
    const maxDatagramBytes = links === null && members.every((m) => isLoopback(m.hostname))
      ? LOOPBACK_DATAGRAM_BYTES
      : PATH_DATAGRAM_BYTES;
    this.#options = options;
    this.#socket = socket;
    this.#sentBefore = { ...socket.counts };
    this.#reader = new DatagramReader(run, self, size, highestSegmentKind(order));
    this.#writer = new DatagramWriter(run, maxDatagramBytes);
    this.#frame = new Frame(size);
    const fragmentBytes = maxDatagramBytes - headerBytes(size);
    this.#group = new GroupProcess({ self, size, order, fragmentBytes }, this);
    this.#payloads = new Payloads(payloadBytes);
    this.#workload = new Workload({ ...options, process: self });
    this.#emulator = links === null
      ? null
      : new LinkEmulator({ seed, process: self, links, transmit: this.#transmit });
    // Each process multicasts as many: each message is received, and delivered, everywhere.
    this.journal = options.log ? Journal.withRoom(self, 2 * size * options.messages) : null;
    this.digest = options.log ? null : new DeliveryDigest(self, size);
    this.#recorder = (this.journal ?? this.digest)!;
    socket.scheduleTurn();
  }

  /** The protocol, to look at. */
  get group(): Readonly<
    Pick<
      GroupProcess,
      "state" | "waitingFor" | "multicastCount" | "deliveredCount" | "retransmitted"
    >
  > {
    return this.#group;
  }

  /** Resolves when everything is delivered everywhere, as far as this process can tell. */
  get completed(): Promise<void> {
    return this.#completed.promise;
  }

  /** Has everything been delivered everywhere? */
  get complete(): boolean {
    return this.#group.complete;
  }

  /** Datagrams sent in this run. */
  get datagrams(): number {
    return this.#socket.counts.datagrams - this.#sentBefore.datagrams;
  }

  /** Bytes in the datagrams sent in this run. */
  get bytes(): number {
    return this.#socket.counts.bytes - this.#sentBefore.bytes;
  }

  /** Takes part no more. The journal or digest stays as it is. */
  close(): void {
    this.#closed = true;
    this.#emulator?.close();
    clearTimeout(this.#timer);
  }

  /** Takes in a datagram. Those of other runs are left alone. */
  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#now = performance.now();
    const reading = this.#reader.read(bytes, this.#frame);
    if (reading === "other run") return;
    if (reading === "malformed" || !this.#group.receive(this.#frame, this.#now)) this.malformed++;
  }

  /** Does what is due, and sets the timer for the rest. */
  endTurn(): void {
    if (this.#closed) return;
    this.#now = performance.now();
    // First what may be delivered, then what is multicast upon it: acknowledgements ride on that.
    const isDue = this.#group.deadline <= this.#now;
    if (isDue) this.#group.advance(this.#now);
    if (this.#multicastDue() || isDue) this.#group.tick(this.#now);
    if (this.#group.complete) this.#completed.resolve();
    this.#schedule();
  }

  // --- GroupOutbox

  /** @ignore */
  send(to: ProcessId, frame: Frame): void {
    this.#writer.write(frame, (datagram) => this.#post(to, datagram.slice()));
  }

  /** @ignore */
  multicast(frame: Frame): void {
    this.#writer.write(frame, this.#postToAll);
  }

  /** @ignore */
  multicasted(seq: number, time: number, sizeBytes: number): void {
    this.#recorder.multicast(seq, time, performance.timeOrigin + this.#now, sizeBytes);
  }

  /** @ignore */
  received(sender: ProcessId, seq: number, time: number): void {
    this.#recorder.receive(sender, seq, time, performance.timeOrigin + this.#now);
  }

  /** @ignore */
  deliver(sender: ProcessId, seq: number, time: number, payload: Uint8Array): void {
    this.#recorder.deliver(sender, seq, time, performance.timeOrigin + this.#now);
    if (sender === this.#options.self) this.#workload.delivered();
    if (!this.#payloads.check(sender, seq, payload)) this.corrupted++;
  }

  // --- the workload

  /** Multicasts what is due, as far as there is room. Returns whether that was anything. */
  #multicastDue(): boolean {
    const group = this.#group;
    if (!group.ready) return false;
    if (!this.#begun) {
      this.#begun = true;
      this.#workload.begin(this.#now);
    }
    let count = 0;
    while (
      this.#workload.nextAt <= this.#now && group.writable && !this.#socket.isCongested &&
      count < MAX_MULTICASTS_PER_TURN
    ) {
      this.#workload.take(this.#now);
      const payload = this.#payloads.make(this.#options.self, group.multicastCount + 1);
      group.multicast(payload, this.#now);
      count++;
    }
    if (this.#workload.left === 0 && group.state === "running") {
      group.stop(this.#now);
      count++;
    }
    return count > 0;
  }

  #schedule(): void {
    const nextMulticast = this.#group.writable ? this.#workload.nextAt : Infinity;
    const at = Math.min(this.#group.deadline, nextMulticast);
    if (at <= this.#now) {
      this.#socket.scheduleTurn();
    } else if (at < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = at;
      this.#timer = setTimeout(this.#onTimer, at - this.#now);
    } // A timer that is too early does no harm: it looks again.
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Infinity;
    this.endTurn();
  };

  // --- the network

  readonly #postToAll = (datagram: Uint8Array): void => {
    const copy = datagram.slice();
    for (let q = 0; q < this.#options.members.length; q++) {
      if (q !== this.#options.self) this.#post(q, copy);
    }
  };

  /** The datagram must not change afterwards. */
  #post(to: ProcessId, datagram: Uint8Array): void {
    if (this.#emulator !== null) this.#emulator.send(to, datagram);
    else this.#transmit(to, datagram);
  }

  readonly #transmit = (to: ProcessId, datagram: Uint8Array): void => {
    this.#socket.send(datagram, this.#options.members[to]!);
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "::1" || hostname.startsWith("127.");
}
