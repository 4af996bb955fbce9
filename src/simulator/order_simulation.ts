/**
 * A group in a simulated world: the same protocol classes that the sockets run, in virtual time,
 * under faults, everything drawn from one seed.
 *
 * First the faults have their period, and nothing wrong may be delivered in it (safety). Then the
 * network heals, and within a bound everything must be delivered that should be (liveness).
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { GROUP_PARTS, GroupProcess } from "../protocols/group_process.ts";
import { makeOrdering } from "../protocols/ordering/make_ordering.ts";
import type { Millis, Order, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { ReliableMulticast } from "../protocols/reliable_multicast.ts";
import { EventQueue, type Micros } from "./event_queue.ts";
import { chooseSome, type Fault, scheduleFaults } from "./fault_schedule.ts";
import { type FaultCounts, type Faults, noFaultCounts } from "./faults.ts";
import { type SimulatedLinks, SimulatedNetwork } from "./simulated_network.ts";
import { type MakeGroup, SimulatedProcess } from "./simulated_process.ts";
import { TraceHash } from "./trace_hash.ts";

/** Streams of random numbers: who draws from one doesn't disturb the others. */
const STREAM = { links: 1, faults: 2, workload: 3 } as const;

/** What a run is. */
export interface SimulationOptions {
  readonly seed: number;
  readonly order: Order;
  readonly processes: number;
  /** How many messages each process multicasts. */
  readonly messages: number;
  /** The pause between two multicasts is drawn evenly from this range. */
  readonly intervalMinMs: Millis;
  readonly intervalMaxMs: Millis;
  readonly payloadBytes: number;
  readonly maxDatagramBytes: number;
  readonly faults: Faults;
  /** The links of a topology; null for links that do nothing by themselves. */
  readonly links: SimulatedLinks | null;
  /** How long things go wrong; then the network heals. */
  readonly faultPeriodMs: Millis;
  /** From the healing on, everything must be delivered within this time; what is still to be
   * multicast by then adds the time that it takes. */
  readonly livenessMs: Millis;
  /** How many segments of one process may be held back, and how many may come before their turn:
   * powers of two. Undefined for what the protocol takes by itself; a small limit tests what
   * happens at it. */
  readonly holdbackLimit?: number;
  readonly aheadLimit?: number;
  /** Makes the protocol, or a variation of it. */
  readonly makeGroup?: MakeGroup;
}

/** A process that did not come to its end. */
export interface Unfinished {
  readonly process: ProcessId;
  readonly state: string;
  readonly waitingFor: readonly ProcessId[];
}

/** What came out of a run. */
export interface SimulationResult {
  readonly run: Run;
  readonly crashed: ReadonlySet<ProcessId>;
  /** The processes that did not come to their end, crashed ones apart. */
  readonly unfinished: readonly Unfinished[];
  readonly faults: FaultCounts;
  readonly events: number;
  /** Datagrams put on the network. */
  readonly datagrams: number;
  readonly virtualMs: Millis;
  readonly traceHash: string;
  /** Defects that no checker of histories sees: garbage on the wire, changed payloads. */
  readonly defects: readonly string[];
}

/** Runs a simulation to its end. */
export function simulateOrder(options: SimulationOptions): SimulationResult {
  const simulation = new OrderSimulation(options);
  simulation.advance(Infinity);
  return simulation.result();
}

/** The real protocol, with the limits that a run sets. */
function limitedGroup({ holdbackLimit, aheadLimit }: SimulationOptions): MakeGroup {
  const parts = { ...GROUP_PARTS };
  if (aheadLimit !== undefined) {
    parts.makeLink = (self, size, knowledge, outbox, patienceMs) =>
      new ReliableMulticast(self, size, knowledge, outbox, patienceMs, aheadLimit);
  }
  if (holdbackLimit !== undefined) {
    parts.makeOrdering = (order, self, size, knowledge, link, sink) =>
      makeOrdering(order, self, size, knowledge, link, sink, holdbackLimit);
  }
  return (options, outbox) => new GroupProcess(options, outbox, parts);
}

/** An event of the world. One shape for all kinds keeps the loop fast. */
interface Happening {
  readonly kind: "arrive" | "served" | "turn" | "fault" | "recover" | "heal";
  readonly process: ProcessId;
  readonly from: ProcessId;
  readonly sequence: number;
  readonly bytes: Uint8Array | null;
  readonly fault: Fault | null;
}

const KIND_NUMBER = { arrive: 1, served: 2, turn: 3, fault: 4, recover: 5, heal: 6 } as const;

/** What the world knows about a process beside the process itself. */
interface Body {
  readonly process: SimulatedProcess;
  readonly random: Random;
  readonly isSlow: boolean;
  left: number;
  nextAtMs: Millis;
  begun: boolean;
  stopped: boolean;
  crashed: boolean;
  /** Crashed, or complete. */
  ended: boolean;
  /** How many pauses it is in. */
  pauses: number;
  /** What came while it stood still, or while it was busy. */
  waiting: Happening[];
  waitingBytes: number;
  busyUntil: Micros;
  turnAt: Micros;
}

/** A simulation that can be interrupted between two events. */
export class OrderSimulation {
  readonly #options: SimulationOptions;
  readonly #queue = new EventQueue<Happening>();
  readonly #network: SimulatedNetwork;
  readonly #bodies: Body[];
  readonly #counts = noFaultCounts();
  readonly #hash = new TraceHash();
  /** The latest arrival on each link, by number of its datagram. */
  readonly #latestArrival: Float64Array;
  /** Who takes a turn as soon as everything else that is due now has happened; most turns are of
   * this kind, and this spares them the queue. */
  readonly #turnsNow: ProcessId[] = [];
  #now: Micros = 0;
  #datagrams = 0;
  /** How many bodies have ended. */
  #ended = 0;
  #events = 0;
  readonly #end: Micros;

  /** A world in which nothing has happened yet. */
  constructor(options: SimulationOptions) {
    const { seed, processes: size, faults, links, faultPeriodMs, livenessMs } = options;
    this.#options = options;
    const loadMs = options.messages * options.intervalMaxMs;
    this.#end = Math.round((faultPeriodMs + loadMs + livenessMs) * 1000);
    this.#latestArrival = new Float64Array(size * size);
    this.#network = new SimulatedNetwork({
      size,
      faults,
      links,
      random: new Random([seed, STREAM.links]),
      counts: this.#counts,
    });
    const faultRandom = new Random([seed, STREAM.faults]);
    const slow = new Set(chooseSome(size, Math.min(faults.slow, size), faultRandom));
    this.#bodies = Array.from({ length: size }, (_, p) => this.#makeBody(p, slow.has(p)));
    for (const fault of scheduleFaults(faults, size, faultPeriodMs, faultRandom)) {
      this.#enter(fault.at, "fault", -1, fault);
      if (fault.end !== Infinity) this.#enter(fault.end, "recover", -1, fault);
    }
    this.#enter(Math.round(faultPeriodMs * 1000), "heal", -1, null);
    for (let p = 0; p < size; p++) this.#scheduleTurn(p, 0);
  }

  /** Lets up to `events` events happen. Returns whether the simulation is over. How it is cut into
   * calls makes no difference to what happens. */
  advance(events: number): boolean {
    for (let i = 0; i < events; i++) {
      if (this.#isOver()) return true;
      this.#events++;
      if (this.#turnsNow.length > 0 && this.#queue.nextTime > this.#now) {
        const p = this.#turnsNow.shift()!;
        this.#trace("turn", p);
        this.#turn(p);
      } else {
        this.#now = this.#queue.nextTime;
        this.#happen(this.#queue.pop());
      }
    }
    return this.#isOver();
  }

  /** How long the simulated world has existed. */
  get virtualMs(): Millis {
    return this.#now / 1000;
  }

  /** What has come out of the run so far. */
  result(): SimulationResult {
    const { processes } = this.#options;
    const crashed = new Set(this.#select((body) => body.crashed));
    const unfinished = this.#select((body) => !body.crashed && !body.process.group.complete);
    return {
      run: {
        processes,
        journals: new Map(this.#bodies.map(({ process }, p) => [p, process.journal])),
        incomplete: new Set([...crashed, ...unfinished]),
      },
      crashed,
      unfinished: unfinished.map((process) => {
        const { state, waitingFor } = this.#bodies[process]!.process.group;
        return { process, state, waitingFor };
      }),
      faults: this.#counts,
      events: this.#events,
      datagrams: this.#datagrams,
      virtualMs: this.virtualMs,
      traceHash: this.#hash.hex,
      defects: this.#defects(),
    };
  }

  #makeBody(self: ProcessId, isSlow: boolean): Body {
    const { seed, processes: size, makeGroup, messages } = this.#options;
    const random = new Random([seed, STREAM.workload, self]);
    return {
      process: new SimulatedProcess({
        ...this.#options,
        self,
        size,
        makeGroup: makeGroup ?? limitedGroup(this.#options),
        hash: this.#hash,
        transmit: (from, to, bytes) => this.#transmit(from, to, bytes),
      }),
      random,
      isSlow,
      left: messages,
      nextAtMs: 0,
      begun: false,
      stopped: false,
      crashed: false,
      ended: false,
      pauses: 0,
      waiting: [],
      waitingBytes: 0,
      busyUntil: 0,
      turnAt: Infinity,
    };
  }

  /** Has everybody who can come to the end, or is the time over? Asked at each event, so it only
   * compares. */
  #isOver(): boolean {
    if (this.#ended === this.#bodies.length) return true;
    return this.#queue.nextTime > this.#end && this.#turnsNow.length === 0;
  }

  #noteEnd(body: Body): void {
    if (body.ended || !(body.crashed || body.process.group.complete)) return;
    body.ended = true;
    this.#ended++;
  }

  #happen(event: Happening): void {
    this.#trace(event.kind, event.process);
    switch (event.kind) {
      case "arrive":
        return this.#arrive(event);
      case "served":
        return this.#served(event);
      case "turn":
        return this.#turn(event.process);
      case "fault":
        return this.#begin(event.fault!);
      case "recover":
        return this.#recover(event.fault!);
      case "heal":
        return this.#network.heal();
    }
  }

  #trace(kind: Happening["kind"], process: ProcessId): void {
    this.#hash.add(this.#now);
    this.#hash.add(KIND_NUMBER[kind] * 4096 + process + 1);
  }

  // --- datagrams

  #transmit(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const sequence = ++this.#datagrams;
    this.#network.transmit(from, to, this.#now, (at) => {
      this.#queue.push(at, { kind: "arrive", process: to, from, sequence, bytes, fault: null });
    });
  }

  #arrive(event: Happening): void {
    const { process: p, from, sequence, bytes } = event;
    const body = this.#bodies[p]!;
    if (body.crashed) return;
    const link = from * this.#bodies.length + p;
    if (sequence < this.#latestArrival[link]!) this.#counts.reordered++;
    else this.#latestArrival[link] = sequence;
    this.#hash.add(bytes!.length);
    if (body.isSlow && this.#now < this.#options.faultPeriodMs * 1000) this.#queueUp(body, event);
    else if (body.pauses > 0) this.#keep(body, event);
    else this.#take(p, bytes!);
  }

  /** A slow receiver's datagram waits in its buffer until those before it have been handled. */
  #queueUp(body: Body, event: Happening): void {
    const { bufferBytes, slowMs } = this.#options.faults;
    const { length } = event.bytes!;
    if (body.waitingBytes + length > bufferBytes) {
      this.#counts.overflowed++;
      return;
    }
    body.waitingBytes += length;
    body.busyUntil = Math.max(this.#now, body.busyUntil) + Math.max(1, Math.round(slowMs * 1000));
    this.#queue.push(body.busyUntil, { ...event, kind: "served" });
  }

  #served(event: Happening): void {
    const body = this.#bodies[event.process]!;
    body.waitingBytes -= event.bytes!.length;
    if (body.crashed) return;
    if (body.pauses > 0) this.#keep(body, event);
    else this.#take(event.process, event.bytes!);
  }

  /** What comes for a process that stands still waits in the kernel, as far as there is room. */
  #keep(body: Body, event: Happening): void {
    const { length } = event.bytes!;
    if (body.waitingBytes + length > this.#options.faults.bufferBytes) {
      this.#counts.overflowed++;
      return;
    }
    body.waitingBytes += length;
    body.waiting.push(event);
  }

  #take(p: ProcessId, bytes: Uint8Array): void {
    this.#bodies[p]!.process.receive(bytes, this.#now / 1000);
    this.#scheduleTurn(p, this.#now);
  }

  // --- turns

  #scheduleTurn(p: ProcessId, at: Micros): void {
    const body = this.#bodies[p]!;
    if (at >= body.turnAt) return;
    body.turnAt = at;
    if (at === this.#now) this.#turnsNow.push(p);
    else this.#enter(at, "turn", p, null);
  }

  /** What a host does at the end of a turn: ticks, multicasts what is due, ticks again. */
  #turn(p: ProcessId): void {
    const body = this.#bodies[p]!;
    if (this.#now < body.turnAt) return; // Somebody was earlier and has done it.
    body.turnAt = Infinity;
    if (body.crashed || body.pauses > 0) return;
    const nowMs = this.#now / 1000;
    const { group } = body.process;
    const isDue = group.deadline <= nowMs;
    if (isDue) body.process.advance(nowMs);
    if (this.#multicastDue(body, nowMs) || isDue) body.process.tick(nowMs);
    this.#noteEnd(body);
    const nextMulticast = body.left > 0 && group.writable ? body.nextAtMs : Infinity;
    const next = Math.min(group.deadline, nextMulticast);
    if (next === Infinity) return;
    this.#scheduleTurn(p, Math.max(this.#now + 1, Math.ceil(next * 1000)));
  }

  #multicastDue(body: Body, nowMs: Millis): boolean {
    const { process } = body;
    if (!process.group.ready || body.stopped) return false;
    if (!body.begun) {
      body.begun = true;
      body.nextAtMs = nowMs + this.#pause(body);
    }
    let isAny = false;
    while (body.left > 0 && body.nextAtMs <= nowMs && process.group.writable) {
      process.multicast(nowMs);
      body.left--;
      body.nextAtMs = Math.max(body.nextAtMs, nowMs - 50) + this.#pause(body);
      isAny = true;
    }
    if (body.left === 0) {
      process.stop(nowMs);
      body.stopped = isAny = true;
    }
    return isAny;
  }

  #pause(body: Body): Millis {
    const { intervalMinMs, intervalMaxMs } = this.#options;
    return body.random.between(intervalMinMs, intervalMaxMs);
  }

  // --- faults

  #begin(fault: Fault): void {
    switch (fault.kind) {
      case "pause":
        this.#counts.paused++;
        this.#bodies[fault.process]!.pauses++;
        return;
      case "crash":
        this.#counts.crashed++;
        this.#bodies[fault.process]!.crashed = true;
        this.#noteEnd(this.#bodies[fault.process]!);
        return;
      case "clog":
        for (const { from, to } of fault.links) this.#network.clog(from, to, fault.end);
        return;
      case "partition":
        this.#counts.partitions++;
        for (const { from, to } of fault.links) this.#network.cut(from, to);
        return;
    }
  }

  #recover(fault: Fault): void {
    if (fault.kind === "partition") {
      for (const { from, to } of fault.links) this.#network.join(from, to);
    }
    if (fault.kind !== "pause") return; // Clogs end by themselves, crashes never.
    const body = this.#bodies[fault.process]!;
    if (--body.pauses > 0 || body.crashed) return;
    const { waiting } = body;
    body.waiting = [];
    for (const { bytes } of waiting) {
      body.waitingBytes -= bytes!.length;
      this.#take(fault.process, bytes!);
    }
    this.#scheduleTurn(fault.process, this.#now);
  }

  // --- the end

  #defects(): string[] {
    return this.#bodies.flatMap(({ process, crashed }, p) => [
      ...(process.malformed > 0
        ? [`process ${p} got ${process.malformed} malformed datagrams`]
        : []),
      ...(process.corrupted === null
        ? []
        : [`process ${p} delivered ${process.corrupted} with another payload than was multicast`]),
      ...(process.group.inconsistencies > 0 && !crashed
        ? [`process ${p} delivered a stop marker that doesn't fit the messages before it`]
        : []),
    ]);
  }

  #select(condition: (body: Body) => boolean): ProcessId[] {
    return this.#bodies.flatMap((body, p) => condition(body) ? [p] : []);
  }

  #enter(at: Micros, kind: Happening["kind"], process: ProcessId, fault: Fault | null): void {
    this.#queue.push(at, { kind, process, from: -1, sequence: 0, bytes: null, fault });
  }
}
