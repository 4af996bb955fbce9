/**
 * Somebody at a node of a simulated token ring who wants the lock again and again, and the guard of what
 * uses it.
 *
 * The guard is a process of its own: it ends what uses the lock when the lease is over by the machine's
 * clock, also while the node's process stands still or is no more.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { LockRequest } from "../protocols/token_ring/outbox.ts";
import type { RingWorld } from "./ring_world.ts";
import type { LockOwner, SimulatedRingNode } from "./simulated_ring_node.ts";

/** What uses the lock ends at most so long after the crash of the process, or with the lease. */
const ORPHAN_MAX_MS: Millis = 1000;

/** A use of the lock. */
interface Use {
  readonly request: LockRequest;
  /** By the machine's clock. */
  leaseUntil: Millis;
}

/** Somebody. */
export class SimulatedLockUser {
  readonly #world: RingWorld;
  readonly #random: Random;
  readonly #node: SimulatedRingNode;
  /** What it waits for. */
  #waiting: LockRequest | null = null;
  #use: Use | null = null;
  /** A new plan replaces the one before. */
  #plan = 0;

  constructor(world: RingWorld, random: Random, node: SimulatedRingNode) {
    this.#world = world;
    this.#random = random;
    this.#node = node;
  }

  /** Whether it neither waits for the lock nor uses it. */
  get isIdle(): boolean {
    return this.#waiting === null && this.#use === null;
  }

  /** Whether it uses the lock. */
  get isHolding(): boolean {
    return this.#use !== null;
  }

  /** Whether this is its request. */
  has(request: LockRequest): boolean {
    return this.#waiting === request || this.#use?.request === request;
  }

  /** There is a process to ask: does so after a while, again and again. */
  begin(): void {
    const { pauseMinMs, pauseMaxMs } = this.#world.options;
    this.#after(this.#random.between(pauseMinMs, pauseMaxMs), () => this.#ask());
  }

  /** The process is about to leave: finishes, and waits no longer. */
  leave(): void {
    this.#plan++;
    this.#withdraw();
    this.#end();
  }

  /** The process has crashed: nobody is left to be asked, and the guard ends the use. */
  crashed(): void {
    this.#plan++;
    this.#withdraw();
    if (this.#use === null) return;
    this.#world.counts.crashedHolding++;
    // It may take all the time there is.
    const use = this.#use;
    if (this.#random.chance(0.5)) {
      this.#world.time.after(this.#random.between(0, ORPHAN_MAX_MS), () => {
        if (this.#use === use) this.#end();
      });
    }
  }

  /** It has the lock, if the news isn't too late. */
  granted(request: LockRequest, fence: number, leaseUntil: Millis): void {
    const { counts } = this.#world;
    if (this.#node.clock.now >= leaseUntil) {
      counts.late++;
      this.#withdraw();
      this.#after(0, () => this.#letGo(request));
      return;
    }
    counts.grants++;
    this.#waiting = null;
    this.#world.observe({ event: "granted", node: this.#node.self, request, fence });
    const use = { request, leaseUntil };
    this.#use = use;
    this.#guard(use);
    this.#after(this.#holdMs(), () => {
      this.#end();
      this.#letGo(request);
    });
  }

  /** The guard is told that the lease goes on. */
  extended(request: LockRequest, leaseUntil: Millis): void {
    if (this.#use?.request === request) this.#use.leaseUntil = leaseUntil;
  }

  /** The lease was over: nothing is to be let go any more. */
  lost(request: LockRequest): void {
    if (!this.has(request)) return; // The guard was faster.
    this.#withdraw();
    this.#end();
    this.begin();
  }

  #ask(): void {
    if (!this.#node.isUp || this.#world.isQuiet) return;
    const { giveUpRate, patienceMaxMs } = this.#world.options;
    // What was granted by a process that has crashed may not have ended yet.
    if (!this.isIdle) return this.#after(ORPHAN_MAX_MS, () => this.#ask());
    const request = this.#world.newRequest();
    this.#waiting = request;
    this.#world.observe({ event: "asked", node: this.#node.self, request });
    const isImpatient = this.#random.chance(giveUpRate);
    if (isImpatient) {
      this.#after(this.#random.between(0, patienceMaxMs), () => {
        this.#withdraw();
        this.#letGo(request);
      });
    }
    this.#node.lock(request);
  }

  /** Ends the use when its lease is over, unless that was extended meanwhile. */
  #guard(use: Use): void {
    const { time, counts } = this.#world;
    const endsAt = this.#lastMicros(use);
    time.at(endsAt / 1000, () => {
      if (this.#use !== use) return;
      if (this.#lastMicros(use) > endsAt) return this.#guard(use);
      counts.leasesLost++;
      this.#end();
    });
  }

  /** The last microsecond at which its lease isn't over. */
  #lastMicros({ leaseUntil }: Use): number {
    return Math.floor(this.#node.clock.trueTime(leaseUntil) * 1000);
  }

  /** Tells the process that the lock, or waiting for it, is not needed any more. */
  #letGo(request: LockRequest): void {
    this.#node.unlock(request);
    if (this.isIdle) this.begin();
  }

  #end(): void {
    if (this.#use === null) return;
    const { request } = this.#use;
    this.#use = null;
    this.#world.observe({ event: "ended", node: this.#node.self, request });
  }

  #withdraw(): void {
    if (this.#waiting === null) return;
    this.#world.counts.withdrawn++;
    this.#world.observe({ event: "withdrawn", node: this.#node.self, request: this.#waiting });
    this.#waiting = null;
  }

  #holdMs(): Millis {
    const { holdMaxMs, longHoldRate, longHoldMaxMs } = this.#world.options;
    const maxMs = this.#random.chance(longHoldRate) ? longHoldMaxMs : holdMaxMs;
    return this.#random.between(0, maxMs);
  }

  #after(delayMs: Millis, action: () => void): void {
    const plan = ++this.#plan;
    this.#world.time.after(delayMs, () => {
      if (plan === this.#plan) action();
    });
  }
}

/** All who want the lock at one node. */
export class LockUsers implements LockOwner {
  readonly #all: readonly SimulatedLockUser[];

  constructor(users: readonly SimulatedLockUser[]) {
    this.#all = users;
  }

  /** Whether none of them waits for the lock or uses it. */
  get areIdle(): boolean {
    return this.#all.every(({ isIdle }) => isIdle);
  }

  /** Whether one of them uses it. */
  get areHolding(): boolean {
    return this.#all.some(({ isHolding }) => isHolding);
  }

  /** All finish. */
  leave(): void {
    for (const user of this.#all) user.leave();
  }

  /** Begins, all of them. */
  started(): void {
    for (const user of this.#all) user.begin();
  }

  /** Tells all of them. */
  crashed(): void {
    for (const user of this.#all) user.crashed();
  }

  /** Tells who has asked. */
  granted(request: LockRequest, fence: number, leaseUntil: Millis): void {
    this.#whose(request)?.granted(request, fence, leaseUntil);
  }

  /** Tells who has asked. */
  extended(request: LockRequest, leaseUntil: Millis): void {
    this.#whose(request)?.extended(request, leaseUntil);
  }

  /** Tells who has asked. */
  lost(request: LockRequest): void {
    this.#whose(request)?.lost(request);
  }

  #whose(request: LockRequest): SimulatedLockUser | undefined {
    return this.#all.find((user) => user.has(request));
  }
}
