/**
 * A machine of a simulated token ring: its clock, its disk, and the process that runs on it now and
 * then, which is the real protocol behind the real codec.
 *
 * A crash or a pause may strike between any two of the things that a process sends, stores or tells: what
 * comes behind is then never done, or done when the process goes on.
 *
 * @module
 */

import { BrokenInvariant } from "../protocols/assert.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { RingMessage, Vote } from "../protocols/token_ring/messages.ts";
import type { LockRequest, TokenRingOutbox } from "../protocols/token_ring/outbox.ts";
import type { TokenRingStatus } from "../protocols/token_ring/token_ring.ts";
import { RingDatagrams } from "../wire/ring_datagrams.ts";
import { MachineClock } from "./machine_clock.ts";
import { makeRealRing, type RingNode } from "./ring_options.ts";
import type { RingWorld } from "./ring_world.ts";

/** All nodes are of the same ring. */
const GROUP = 1;

/** An idle ring sleeps: a process that is called more often than this in a millisecond, without anything
 * having come, spins. */
const TICKS_PER_MS_MAX = 100;

/** Hears what becomes of the requests of a node. */
export interface LockOwner {
  granted(request: LockRequest, fence: number, leaseUntil: Millis): void;
  extended(request: LockRequest, leaseUntil: Millis): void;
  lost(request: LockRequest): void;
  /** The process has crashed. */
  crashed(): void;
  /** There is a process. */
  started(): void;
}

/** What a process keeps over restarts. */
interface Disk {
  vote: Vote;
  /** By the machine's clock; Infinity while a process runs, and after one that has crashed. */
  supportsUntil: Millis;
}

/** A process, as long as it runs. */
interface Process {
  readonly ring: RingNode;
  /** What it does at the next time of its own. */
  tickAt: Millis;
  isLeaving: boolean;
}

/** A machine. */
export class SimulatedRingNode {
  readonly #world: RingWorld;
  readonly #random: Random;
  readonly #next: ProcessId | null;
  readonly #codec: RingDatagrams;
  readonly #disk: Disk = { vote: { epoch: 0, candidate: 0 }, supportsUntil: -Infinity };
  readonly self: ProcessId;
  readonly clock: MachineClock;
  /** Who wants the lock. */
  owner: LockOwner | null = null;
  #process: Process | null = null;
  #incarnation = 0;
  /** How many pauses it is in. */
  #pauses = 0;
  /** What came while it stood still. */
  #inbox: (() => void)[] = [];
  #inboxBytes = 0;
  /** What it was about to do when it began to stand still. */
  #stalled: (() => void)[] = [];
  /** After so many more steps something strikes; null if nothing will. */
  #strike: { steps: number; readonly hit: () => void } | null = null;
  #isInTurn = false;
  #ticks = 0;
  #ticksSince: Millis = 0;

  constructor(world: RingWorld, random: Random, self: ProcessId, next: ProcessId | null) {
    const { nodes: size, faults } = world.options;
    this.#world = world;
    this.#random = random;
    this.self = self;
    this.#next = next;
    this.#codec = new RingDatagrams({ group: GROUP, self, size });
    // Half of the clocks go as wrong as they may.
    const isExtreme = random.chance(0.5);
    const drift = (isExtreme ? Math.sign(random.float() - 0.5) : random.between(-1, 1)) / 2;
    const rate = 1 + drift * faults.driftRate;
    this.clock = new MachineClock(world.time, rate, Math.floor(random.between(0, 1e6)));
  }

  /** Whether a process runs that doesn't leave. */
  get isUp(): boolean {
    return this.#process !== null && !this.#process.isLeaving;
  }

  /** Whether it stands still. */
  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  /** What the process knows; null if none runs. */
  get status(): TokenRingStatus | null {
    return this.#process?.ring.status ?? null;
  }

  /** Starts a process, if none runs. */
  start(): void {
    if (this.#process !== null) return;
    const { options, counts } = this.#world;
    const { nodes: size, leaseMs, paceMs } = options;
    const isQuarantined = this.clock.now < this.#disk.supportsUntil;
    if (isQuarantined) counts.quarantined++;
    this.#disk.supportsUntil = Infinity;
    this.#incarnation = 1 + this.#random.below(0xffff_fffe);
    const self = this.self;
    const ring = (options.makeRing ?? makeRealRing)(
      {
        ...{ self, size, incarnation: this.#incarnation, next: this.#next, leaseMs, paceMs },
        ...{ vote: this.#disk.vote, isQuarantined },
      },
      this.#outbox(this.#incarnation),
      this.#random.fork(this.#incarnation),
      this.clock.now,
    );
    this.#process = { ring, tickAt: Infinity, isLeaving: false };
    this.#ticks = 0;
    this.owner?.started();
    this.#schedule();
  }

  /** Ends the process at once, or after so many more steps. */
  crash(afterSteps: number): void {
    if (this.#process === null) return;
    if (afterSteps > 0) this.#strike = { steps: afterSteps, hit: () => this.#die() };
    else this.#die();
  }

  /** The process stands still from now on, or after so many more steps. */
  pause(afterSteps: number): void {
    if (afterSteps > 0 && this.#process !== null) {
      this.#strike = { steps: afterSteps, hit: () => this.#pauses++ };
    } else this.#pauses++;
  }

  /** It stands still no more, if no other pause lasts. */
  resume(): void {
    // A pause that has not struck yet never will.
    if (this.#pauses === 0) return void (this.#strike = null);
    if (--this.#pauses > 0) return;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const [i, step] of stalled.entries()) {
      if (this.isPaused) this.#stalled.push(...stalled.slice(i));
      if (this.isPaused) return;
      step();
    }
    // What has come and what is due are handled in any order.
    if (this.#random.chance(0.5)) this.#tick();
    while (this.#inbox.length > 0 && !this.isPaused) this.#inbox.shift()!();
    if (this.#inbox.length === 0) this.#inboxBytes = 0;
    if (this.#process !== null) this.#process.tickAt = Infinity; // That time may be over.
    this.#schedule();
  }

  /** Nothing strikes any more. */
  heal(): void {
    this.#strike = null;
    if (this.#pauses > 0) {
      this.#pauses = 1;
      this.resume();
    }
  }

  // --- what comes in

  /** A datagram comes. */
  receive(bytes: Uint8Array): void {
    if (this.#process === null) return;
    const { bufferBytes } = this.#world.options.faults;
    if (this.isPaused && this.#inboxBytes + bytes.length > bufferBytes) {
      this.#world.counts.overflowed++;
      return;
    }
    if (this.isPaused) this.#inboxBytes += bytes.length;
    this.#enter((ring) => {
      const reading = this.#codec.decode(bytes);
      if (typeof reading === "string") this.#world.defect(`a datagram is ${reading}`);
      else ring.receive(reading.from, reading.message, this.clock.now);
    });
  }

  /** Somebody says that there is to be a token. */
  startRing(): void {
    this.#enter((ring) => ring.start(this.clock.now));
  }

  /** Somebody wants the lock. */
  lock(request: LockRequest): void {
    this.#enter((ring) => ring.lock(request, this.clock.now));
  }

  /** Somebody needs it no more. */
  unlock(request: LockRequest): void {
    this.#enter((ring) => ring.unlock(request, this.clock.now));
  }

  /** The process is told to leave; what used the lock has ended. */
  leave(): void {
    if (!this.isUp) return;
    this.#process!.isLeaving = true;
    this.#enter((ring) => ring.leave(this.clock.now));
  }

  /** Gives the process something to do; it waits while the process stands still. */
  #enter(input: (ring: RingNode) => void): void {
    const process = this.#process;
    if (process === null) return;
    const turn = () => {
      if (this.#process !== process) return;
      this.#turn(() => input(process.ring));
      this.#schedule();
    };
    if (this.isPaused) this.#inbox.push(turn);
    else turn();
  }

  #turn(work: () => void): void {
    this.#isInTurn = true;
    try {
      work();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      this.#world.defect(`node ${this.self}: it does not hold that ${error.message}`);
    }
    this.#isInTurn = false;
  }

  #schedule(): void {
    const process = this.#process;
    if (process === null || this.isPaused) return;
    const { deadline } = process.ring;
    if (deadline >= process.tickAt || deadline === Infinity) return;
    process.tickAt = deadline;
    const { time, options } = this.#world;
    const { lateMaxMs } = options.faults;
    const lateMs = lateMaxMs > 0 ? this.#random.between(0, lateMaxMs) : 0;
    // A microsecond later the clock shows the deadline, however the two were rounded.
    const atMs = Math.max(time.nowMs, this.clock.trueTime(deadline)) + lateMs + 0.001;
    time.at(atMs, () => {
      if (this.#process !== process || process.tickAt !== deadline || this.isPaused) return;
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const process = this.#process;
    if (process === null || this.isPaused) return;
    process.tickAt = Infinity;
    if (this.#isSpinning()) return;
    if (process.ring.deadline <= this.clock.now) {
      this.#turn(() => process.ring.tick(this.clock.now));
    }
  }

  #isSpinning(): boolean {
    const { nowMs } = this.#world.time;
    if (nowMs - this.#ticksSince >= 1) [this.#ticks, this.#ticksSince] = [0, nowMs];
    if (++this.#ticks <= TICKS_PER_MS_MAX) return false;
    this.#world.defect(`node ${this.self} spins`);
    return true;
  }

  // --- what goes out

  #outbox(incarnation: number): TokenRingOutbox {
    const step = (action: () => void) => {
      if (!this.#isInTurn && this.#process !== null) this.#world.defect("a call back");
      this.#step(incarnation, action);
    };
    const { self } = this;
    const owner = () => this.owner!;
    return {
      send: (to, message) => step(() => this.#send(to, message)),
      store: (vote) => step(() => this.#disk.vote = vote),
      arrived: ({ epoch, sequence }) =>
        step(() => {
          this.#world.counts.hops++;
          this.#world.observe({ event: "arrived", node: self, epoch, sequence });
        }),
      viewed: () => {}, // It is looked at in the end.
      quorum: () => {}, // Nobody here is told.
      busy: () => {}, // Nobody here is told.
      granted: (request, fence, until) => step(() => owner().granted(request, fence, until)),
      extended: (request, until) => step(() => owner().extended(request, until)),
      lost: (request) => step(() => owner().lost(request)),
      left: () => step(() => this.#end()),
    };
  }

  /** Does one thing that the process wants done, unless something has struck before. */
  #step(incarnation: number, action: () => void): void {
    const isAlive = () => this.#process !== null && incarnation === this.#incarnation;
    if (!isAlive()) return;
    if (this.#strike !== null && this.#strike.steps-- <= 0) {
      const { hit } = this.#strike;
      this.#strike = null;
      this.#world.counts.struckInTurn++;
      hit();
    }
    if (this.isPaused) this.#stalled.push(() => this.#step(incarnation, action));
    else if (isAlive()) action();
  }

  #send(to: ProcessId, message: RingMessage): void {
    this.#world.transmit(this.self, to, this.#codec.encode(message));
  }

  #die(): void {
    if (this.#process === null) return;
    this.#world.counts.crashed++;
    this.#forget();
    this.owner?.crashed();
    this.#world.ended(this.self);
  }

  /** It has left: a later process knows until when its support may count. */
  #end(): void {
    this.#disk.supportsUntil = this.#process!.ring.status.supportsUntil;
    this.#world.counts.left++;
    this.#forget();
    this.#world.ended(this.self);
  }

  #forget(): void {
    this.#process = null;
    this.#strike = null;
    this.#pauses = 0;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#stalled = [];
  }
}
