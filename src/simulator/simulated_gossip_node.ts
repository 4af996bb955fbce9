/**
 * A machine of a simulated gossip network: its clock, and the process that runs on it now and then,
 * which is the real protocol behind the real codec. Nothing outlives a process but the clock.
 *
 * @module
 */

import type { NodeRun, RumorHeard } from "../history/gossip_history.ts";
import { BrokenInvariant } from "../protocols/assert.ts";
import type { GossipStatus } from "../protocols/gossip/gossip_node.ts";
import type { GossipMessage, Rumor } from "../protocols/gossip/messages.ts";
import type { GossipOutbox } from "../protocols/gossip/outbox.ts";
import { RumorPacker } from "../protocols/gossip/rumor_packer.ts";
import { keyOf, type RumorKey } from "../protocols/gossip/rumor_store.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import { decodeGossip, encodeGossip } from "../wire/gossip_messages.ts";
import { makeRealGossip, type SimulatedGossip } from "./gossip_options.ts";
import { type GossipWorld, nodeAddress, nodeName, nodeOf, saidRumor } from "./gossip_world.ts";
import { MachineClock } from "./machine_clock.ts";

/** A process that is called more often than this in a millisecond, without anything having come,
 * spins. */
const TICKS_PER_MS_MAX = 100;

const PACKER = new RumorPacker();

/** A process, as long as it runs. */
interface Process {
  readonly run: number;
  readonly gossip: SimulatedGossip;
  /** All that it has heard, its own included. */
  readonly heard: Set<RumorKey>;
  /** What its user has said. */
  said: number;
  /** What it does at the next time of its own. */
  tickAt: Millis;
  isLeaving: boolean;
}

/** A machine. */
export class SimulatedGossipNode {
  readonly #world: GossipWorld;
  readonly #random: Random;
  readonly #contact: ProcessId;
  readonly #clock: MachineClock;
  readonly self: ProcessId;
  #process: Process | null = null;
  #incarnation = 0;
  /** How many pauses it is in. */
  #pauses = 0;
  /** What came while it stood still. */
  #inbox: (() => void)[] = [];
  #inboxBytes = 0;
  /** How it hears what it hears now; null between two turns. */
  #hearing: RumorHeard["by"] | "nothing" | null = null;
  #ticks = 0;
  #ticksSince: Millis = 0;

  /** @param contact The one other node that it knows of when a process begins. */
  constructor(world: GossipWorld, random: Random, self: ProcessId, contact: ProcessId) {
    const { driftRate } = world.options.faults;
    this.#world = world;
    this.#random = random;
    this.self = self;
    this.#contact = contact;
    const rate = 1 + random.between(-0.5, 0.5) * driftRate;
    this.#clock = new MachineClock(world.time, rate, Math.floor(random.between(0, 1e6)));
  }

  /** The process; null if none runs. */
  get run(): NodeRun | null {
    return this.#process === null ? null : { node: this.self, run: this.#process.run };
  }

  /** Whether a process runs that doesn't leave. */
  get isUp(): boolean {
    return this.#process !== null && !this.#process.isLeaving;
  }

  /** How the process is; null if none runs. */
  get status(): GossipStatus | null {
    return this.#process?.gossip.status ?? null;
  }

  /** The rumors that the process keeps. */
  get kept(): readonly Rumor[] {
    return this.#process?.gossip.rumors ?? [];
  }

  /** All that the process has heard. */
  get heard(): ReadonlySet<RumorKey> {
    return this.#process?.heard ?? new Set();
  }

  /** Who the process takes for up, itself included, in the order of their numbers. */
  get up(): ProcessId[] {
    const members = this.#process?.gossip.members ?? [];
    return members.filter(({ state }) => state === "alive" || state === "suspect")
      .map(({ name }) => nodeOf(name)).sort((one, other) => one - other);
  }

  /** Starts a process, if none runs. */
  start(): void {
    if (this.#process !== null) return;
    const { self } = this;
    const run = this.#world.newRun();
    const now = this.#clock.now;
    this.#incarnation = Math.max(Math.floor(now), this.#incarnation + 1);
    const { options } = this.#world;
    const gossip = (options.makeNode ?? makeRealGossip)(
      {
        ...options,
        ...{
          name: nodeName(self),
          address: nodeAddress(self),
          run,
          incarnation: this.#incarnation,
        },
      },
      this.#outbox(run),
      this.#random.fork(run),
      now,
    );
    this.#process = {
      ...{ run, gossip, heard: new Set(), said: 0, tickAt: Infinity, isLeaving: false },
    };
    this.#ticks = 0;
    this.#world.observe({ event: "began", node: self, run });
    const contact = { name: nodeName(this.#contact), address: nodeAddress(this.#contact) };
    this.#enter((gossip, now) => gossip.join(contact, now));
  }

  /** Ends the process. */
  crash(): void {
    if (this.#process === null) return;
    this.#world.counts.crashed++;
    this.#end();
  }

  /** The process is told to leave. */
  leave(): void {
    if (!this.isUp) return;
    this.#process!.isLeaving = true;
    this.#enter((gossip, now) => gossip.leave(now));
  }

  /** The process stands still. */
  pause(): void {
    this.#pauses++;
  }

  /** It stands still no more, if no other pause lasts. */
  resume(): void {
    if (this.#pauses === 0 || --this.#pauses > 0) return;
    // What has come and what is due are handled in any order.
    if (this.#random.chance(0.5)) this.#tick();
    const inbox = this.#inbox;
    this.#inbox = [];
    this.#inboxBytes = 0;
    for (const turn of inbox) turn();
    if (this.#process !== null) this.#process.tickAt = Infinity; // That time may be over.
    this.#schedule();
  }

  /** Nothing is wrong with it any more. */
  heal(): void {
    if (this.#pauses === 0) return;
    this.#pauses = 1;
    this.resume();
  }

  // --- what comes in

  /** A message comes. Returns false if nobody is there. */
  receive(bytes: Uint8Array): boolean {
    if (this.#process === null) return false;
    const { bufferBytes } = this.#world.options.faults;
    if (this.#pauses > 0 && this.#inboxBytes + bytes.length > bufferBytes) {
      this.#world.counts.overflowed++;
      return true;
    }
    if (this.#pauses > 0) this.#inboxBytes += bytes.length;
    const message = decodeGossip(bytes);
    if (message === null) this.#world.defect("a message is malformed");
    else this.#enter((gossip, now) => gossip.receive(message, now), hearingOf(message));
    return true;
  }

  /** Nobody listens at this address. */
  refused(address: string): void {
    this.#world.counts.refused++;
    this.#enter((gossip, now) => gossip.refused(address, now));
  }

  /** Its user says something. */
  say(text: string): void {
    const process = this.#process;
    if (process === null) return;
    this.#enter((gossip, now) => {
      if (process.isLeaving) return;
      const { run } = process;
      const seq = ++process.said;
      this.#world.counts.said++;
      this.#world.observe({ event: "said", node: this.self, run, seq, text });
      gossip.say(text, now);
    }, "self");
  }

  /** Gives the process something to do; it waits while the process stands still. */
  #enter(
    input: (gossip: SimulatedGossip, now: Millis) => void,
    hearing: RumorHeard["by"] | "nothing" = "nothing",
  ): void {
    const process = this.#process;
    if (process === null) return;
    const turn = () => {
      if (this.#process !== process) return;
      this.#turn(() => input(process.gossip, this.#clock.now), hearing);
      this.#schedule();
    };
    if (this.#pauses > 0) this.#inbox.push(turn);
    else turn();
  }

  #turn(work: () => void, hearing: RumorHeard["by"] | "nothing"): void {
    this.#hearing = hearing;
    try {
      work();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      this.#world.defect(`node ${this.self}: it does not hold that ${error.message}`);
    }
    this.#hearing = null;
  }

  #schedule(): void {
    const process = this.#process;
    if (process === null || this.#pauses > 0) return;
    const { deadline } = process.gossip;
    if (deadline === process.tickAt || deadline === Infinity) return;
    process.tickAt = deadline;
    const { time, options } = this.#world;
    const { lateMaxMs } = options.faults;
    const lateMs = lateMaxMs > 0 ? this.#random.between(0, lateMaxMs) : 0;
    // A microsecond later the clock shows the deadline, however the two were rounded.
    const atMs = Math.max(time.nowMs, this.#clock.trueTime(deadline)) + lateMs + 0.001;
    time.at(atMs, () => {
      if (this.#process !== process || process.tickAt !== deadline || this.#pauses > 0) return;
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const process = this.#process;
    if (process === null || this.#pauses > 0) return;
    process.tickAt = Infinity;
    if (this.#isSpinning()) return;
    const now = this.#clock.now;
    if (process.gossip.deadline <= now) this.#turn(() => process.gossip.tick(now), "nothing");
  }

  #isSpinning(): boolean {
    const { nowMs } = this.#world.time;
    if (nowMs - this.#ticksSince >= 1) [this.#ticks, this.#ticksSince] = [0, nowMs];
    if (++this.#ticks <= TICKS_PER_MS_MAX) return false;
    this.#world.defect(`node ${this.self} spins`);
    return true;
  }

  // --- what goes out

  #outbox(run: number): GossipOutbox {
    const step = (action: () => void) => {
      if (this.#process !== null && this.#process.run !== run) return;
      // A node may say something while it is made, but nothing between two turns.
      if (this.#hearing === null && this.#process !== null) this.#world.defect("a call back");
      action();
    };
    const who = { node: this.self, run };
    return {
      send: (address, message) => step(() => this.#send(who, address, message)),
      check: (address) => step(() => this.#world.check(this.self, address)),
      heard: (rumor) => step(() => this.#heard(who, rumor)),
      peer: (name, isUp) =>
        step(() => this.#world.observe({ event: "peer", ...who, other: nodeOf(name), isUp })),
      displaced: (address) =>
        step(() => this.#world.defect(`node ${this.self} was displaced by ${address}`)),
      left: () => step(() => this.#left()),
    };
  }

  #send(who: NodeRun, address: string, message: GossipMessage): void {
    if (message.type === "offer") {
      for (const rumor of message.rumors) this.#world.told(who, rumor);
    } else if (message.type === "push") {
      for (const rumor of message.rumors) {
        if (!PACKER.isLarge(rumor)) this.#world.told(who, rumor);
      }
    }
    this.#world.transmit(this.self, address, encodeGossip(message));
  }

  #heard(who: NodeRun, rumor: Rumor): void {
    const by = this.#hearing;
    if (by === null || by === "nothing") {
      this.#world.defect(`node ${this.self} heard a rumor from nobody`);
      return;
    }
    this.#process!.heard.add(keyOf(rumor));
    const { text } = rumor;
    this.#world.observe({ event: "heard", ...who, rumor: saidRumor(rumor), text, by });
  }

  #left(): void {
    this.#world.counts.left++;
    this.#end();
  }

  #end(): void {
    const { run } = this.#process!;
    this.#process = null;
    this.#pauses = 0;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#world.observe({ event: "ended", node: this.self, run });
    this.#world.ended(this.self);
  }
}

function hearingOf({ type }: GossipMessage): RumorHeard["by"] | "nothing" {
  return type === "push" ? "rumor" : type === "supply" ? "supply" : "nothing";
}
