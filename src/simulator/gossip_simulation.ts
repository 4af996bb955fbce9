/**
 * A gossip network in a simulated world: the same nodes that the sockets run, in virtual time, each by a
 * clock of its own, under faults, everything drawn from one seed.
 *
 * First the faults have their period. Then everything heals, everybody is up, and the nodes find one
 * another again. Then users say some more. In the end everybody must have everything, and it must be
 * quiet.
 *
 * @module
 */

import {
  type GossipEvent,
  type GossipHistory,
  type GossipNodeKnowledge,
  type NodeRun,
  rumorKey,
  type Telling,
} from "../history/gossip_history.ts";
import type { RumorId } from "../protocols/gossip/messages.ts";
import { keyOf } from "../protocols/gossip/rumor_store.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { silenceMsOf, toldByAllMaxOf, toldMaxOf } from "./gossip_bounds.ts";
import { chooseSome } from "./fault_schedule.ts";
import { type GossipFaultCounts, noGossipFaultCounts } from "./gossip_faults.ts";
import { GossipNetwork } from "./gossip_network.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";
import { countReach } from "./gossip_reach.ts";
import { GossipSpeaker } from "./gossip_speaker.ts";
import { type GossipObservation, type GossipWorld, nodeOf, saidRumor } from "./gossip_world.ts";
import { SimulatedGossipNode } from "./simulated_gossip_node.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Streams of random numbers: who draws from one doesn't disturb the others. */
const STREAM = { faults: 2, workload: 3, node: 4 } as const;

/** It is looked so often whether the nodes have found one another, and in the end whether all is done. */
const CHECK_MS: Millis = 200;

/** And when it is, it must stay so for so many rounds, and this time. */
const STILL_ROUNDS = 4;
const STILL_MS: Millis = 1000;

/** Messages that multiply would fill the memory. */
const UNDER_WAY_MAX = 5000;
/** Time goes on: so much doesn't happen in a virtual second. */
const EVENTS_PER_SECOND_MAX = 2_000_000;

const EVENT_NUMBER: Readonly<Record<GossipEvent["event"], number>> = {
  began: 1,
  ended: 2,
  said: 3,
  heard: 4,
  peer: 5,
};

/** What came out of a run. */
export interface GossipSimulationResult {
  readonly history: GossipHistory;
  readonly faults: GossipFaultCounts;
  readonly events: number;
  readonly virtualMs: Millis;
  readonly traceHash: string;
  /** Something is wrong that no history shows; null if nothing is. */
  readonly defect: string | null;
}

/** Runs a simulation to its end. */
export function simulateGossip(options: GossipSimulationOptions): GossipSimulationResult {
  const simulation = new GossipSimulation(options);
  simulation.advance(Infinity);
  return simulation.result();
}

/** A simulation that can be interrupted between two events. */
export class GossipSimulation implements GossipWorld {
  readonly options: GossipSimulationOptions;
  readonly time = new VirtualTime();
  readonly counts = noGossipFaultCounts();
  readonly #random: Random;
  readonly #network: GossipNetwork;
  readonly #nodes: SimulatedGossipNode[] = [];
  readonly #speakers: GossipSpeaker[] = [];
  readonly #gone: ReadonlySet<ProcessId>;
  readonly #events: GossipEvent[] = [];
  /** By rumor, and by the process that tells. */
  readonly #tellings = new Map<
    string,
    Map<number, { -readonly [Key in keyof Telling]: Telling[Key] }>
  >();
  /** What was said, by rumor. */
  readonly #texts = new Map<string, string>();
  /** When the last second began, and what had happened before. */
  #second = { sinceMs: 0, events: 0 };
  #lastRun = 0;
  #isHealed = false;
  #settledAt: Millis = Infinity;
  #stillAt: Millis = Infinity;
  #isOver = false;
  #defect: string | null = null;

  /** A world in which nothing has happened yet. */
  constructor(options: GossipSimulationOptions) {
    const { seed, nodes, faults, lateNodes, faultPeriodMs } = options;
    this.options = options;
    this.#random = new Random([seed, STREAM.faults]);
    this.#network = new GossipNetwork(options, this.time, this.counts);
    const contacts = this.#drawContacts();
    const untold = [...contacts.keys()].filter((node) => !contacts.includes(node));
    const gone = chooseSome(untold.length, Math.min(faults.gone, untold.length), this.#random);
    this.#gone = new Set(gone.map((place) => untold[place]!));
    const late = new Set(chooseSome(nodes, Math.min(lateNodes, nodes), this.#random));
    for (const [node, contact] of contacts.entries()) {
      this.#addNode(node, contact);
      const startMs = late.has(node) ? this.#random.between(0, faultPeriodMs) : 0;
      this.time.after(startMs, () => this.#nodes[node]!.start());
    }
    this.#scheduleFaults();
    this.time.after(faultPeriodMs, () => this.#heal());
  }

  // --- what the machines share

  /** A number that no process of this run has had. */
  newRun(): number {
    return ++this.#lastRun;
  }

  /** Notes what an observer sees. */
  observe(observation: GossipObservation): void {
    const event: GossipEvent = { ...observation, at: this.time.nowMs };
    this.time.note(EVENT_NUMBER[event.event] * 4096 + event.node);
    if (event.event === "said") {
      this.#texts.set(rumorKey({ origin: event.node, run: event.run, seq: event.seq }), event.text);
    } else if (event.event === "heard") {
      this.#events.push({ ...event, text: this.#sharedText(event) });
      if (event.by !== "self") this.counts.heard++;
      if (event.by === "supply") this.counts.supplied++;
      return;
    } else if (event.event === "peer" && !event.isUp && this.#nodes[event.other]?.isUp) {
      this.counts.falseAlarms++;
    }
    this.#events.push(event);
  }

  /** The text as it was said, where it is the same: the memory of a thousand copies is one. */
  #sharedText({ rumor, text }: Extract<GossipEvent, { event: "heard" }>): string {
    const said = this.#texts.get(rumorKey(rumor));
    return said === text ? said : text;
  }

  /** Notes that a process tells somebody a rumor. */
  told({ node, run }: NodeRun, id: RumorId): void {
    this.counts.told++;
    const rumor = saidRumor(id);
    const key = rumorKey(rumor);
    const byRun = this.#tellings.get(key) ?? new Map();
    this.#tellings.set(key, byRun);
    const telling = byRun.get(run) ?? { node, run, rumor, times: 0, lastAt: 0 };
    byRun.set(run, telling);
    telling.times++;
    telling.lastAt = this.time.nowMs;
  }

  /** Sends a message. */
  transmit(from: ProcessId, address: string, bytes: Uint8Array): void {
    const to = nodeOf(address);
    if (this.#network.underWay > UNDER_WAY_MAX) this.defect("the network is flooded");
    this.#network.transmit(from, to, bytes.length, () => this.#nodes[to]!.receive(bytes));
  }

  /** Finds out whether anybody listens at this address. */
  check(from: ProcessId, address: string): void {
    const to = nodeOf(address);
    this.#network.connect(from, to, () => {
      if (this.#nodes[to]!.run !== null) return;
      this.#network.connect(to, from, () => this.#nodes[from]!.refused(address));
    });
  }

  /** A process has ended, and is started again after a while unless it is gone for good. One that has
   * begun to leave in time is still started at once when all has healed. */
  ended(self: ProcessId): void {
    if (this.#gone.has(self)) return;
    const downMs = this.#isHealed ? 0 : this.#random.between(0, this.options.faults.downMaxMs);
    this.time.after(downMs, () => this.#nodes[self]!.start());
  }

  /** Something is wrong that no history shows: the run ends. */
  defect(what: string): void {
    this.#defect ??= what;
    this.#isOver = true;
  }

  // --- the run

  /** Goes on for so many events; returns whether it is over. */
  advance(maxEvents: number): boolean {
    for (let i = 0; i < maxEvents && !this.#isOver; i++) {
      if (!this.time.step()) this.#isOver = true;
      if (this.time.nowMs - this.#second.sinceMs >= 1000) {
        this.#second = { sinceMs: this.time.nowMs, events: this.time.events };
      }
      if (this.time.events - this.#second.events > EVENTS_PER_SECOND_MAX) {
        this.defect("time stands still");
      }
    }
    return this.#isOver;
  }

  /** What came out, once it is over. */
  result(): GossipSimulationResult {
    const { nodes, keepRumors, keepBytes } = this.options;
    const { nowMs: endAt, events, traceHash } = this.time;
    const [settledAt, stillAt] = [this.#settledAt, this.#stillAt];
    const history: GossipHistory = {
      ...{ nodes, events: this.#events, settledAt, stillAt, endAt },
      tellings: [...this.#tellings.values()].flatMap((byRun) => [...byRun.values()]),
      limits: {
        ...{ keepRumors, keepBytes },
        ...{ told: toldMaxOf(this.options), toldByAll: toldByAllMaxOf(this.options) },
      },
      knowledge: this.#nodes.map(knowledgeOf),
    };
    const faults = { ...this.counts, ...countReach(history) };
    return { history, faults, events, virtualMs: endAt, traceHash, defect: this.#defect };
  }

  /** Each node joins one that stands before it; the first one joins any other. */
  #drawContacts(): ProcessId[] {
    const { nodes } = this.options;
    return Array.from(
      { length: nodes },
      (_, node) =>
        node === 0 ? Math.min(nodes - 1, 1 + this.#random.below(nodes)) : this.#random.below(node),
    );
  }

  #addNode(self: ProcessId, contact: ProcessId): void {
    const { options, time } = this;
    const { seed, faultPeriodMs } = options;
    const node = new SimulatedGossipNode(
      this,
      new Random([seed, STREAM.node, self]),
      self,
      contact,
    );
    const speaker = new GossipSpeaker(
      options,
      time,
      new Random([seed, STREAM.workload, self]),
      node,
    );
    this.#nodes.push(node);
    this.#speakers.push(speaker);
    speaker.speakUntil(faultPeriodMs);
  }

  // --- faults

  #scheduleFaults(): void {
    const { faults, faultPeriodMs } = this.options;
    this.#network.scheduleFaults(this.#random);
    this.#schedule(faults.crashes, () => this.#nodes[this.#any()]!.crash());
    this.#schedule(faults.leaves, () => this.#nodes[this.#any()]!.leave());
    this.#schedule(faults.pauses, () => this.#pause());
    this.#schedule(faults.outages, () => this.#breakDown());
    for (const node of this.#gone) {
      const isFriendly = this.#random.chance(0.5);
      this.time.at(this.#random.between(0, faultPeriodMs), () => {
        if (isFriendly) this.#nodes[node]!.leave();
        else this.#nodes[node]!.crash();
      });
    }
  }

  #schedule(count: number, fault: () => void): void {
    for (let i = 0; i < count; i++) {
      this.time.at(this.#random.between(0, this.options.faultPeriodMs), () => {
        if (!this.#isHealed) fault();
      });
    }
  }

  #any(): ProcessId {
    return this.#random.below(this.#nodes.length);
  }

  #pause(): void {
    const node = this.#nodes[this.#any()]!;
    this.counts.paused++;
    node.pause();
    this.time.after(this.#random.between(0, this.options.faults.pauseMaxMs), () => node.resume());
  }

  #breakDown(): void {
    const { nodes, faults } = this.options;
    const count = Math.ceil(nodes * faults.outageShare);
    for (const node of chooseSome(nodes, count, this.#random)) this.#nodes[node]!.crash();
  }

  // --- the end

  #heal(): void {
    this.#isHealed = true;
    this.#network.heal();
    for (const node of this.#nodes) {
      node.heal();
      if (this.#gone.has(node.self)) node.crash();
      else node.start();
    }
    this.#recoverUntil(this.time.nowMs + this.options.recoveryMs, Infinity);
  }

  /** Goes on when the nodes have known one another for so long that no suspicion from before can change
   * it, or ought to.
   *
   * @param since Since when they have known one another. */
  #recoverUntil(endMs: Millis, since: Millis): void {
    const { nowMs } = this.time;
    const { suspicionMs, probeIntervalMs } = this.options;
    const knownSince = this.#doKnowOneAnother() ? Math.min(since, nowMs) : Infinity;
    if (nowMs >= knownSince + suspicionMs + 2 * probeIntervalMs || nowMs >= endMs) this.#settle();
    else this.time.after(CHECK_MS, () => this.#recoverUntil(endMs, knownSince));
  }

  #doKnowOneAnother(): boolean {
    const everybody = this.#nodes.filter(({ run }) => run !== null);
    const names = everybody.map(({ self }) => self).join();
    return everybody.every(({ up }) => up.join() === names);
  }

  #settle(): void {
    const { loadMs, livenessMs } = this.options;
    const quietAt = this.time.nowMs + loadMs;
    this.#settledAt = this.time.nowMs;
    for (const speaker of this.#speakers) speaker.speakUntil(quietAt);
    this.time.at(quietAt, () => this.#lookUntil(quietAt + livenessMs, false));
  }

  /** Ends the run some time after everybody has everything and nobody tells anything.
   *
   * @param isEverywhere Whether everybody had everything the last time. */
  #lookUntil(endMs: Millis, isEverywhere: boolean): void {
    const { nowMs } = this.time;
    if (!isEverywhere && this.#isEverywhere()) {
      return this.#lookUntil(nowMs + silenceMsOf(this.options), true);
    }
    if (isEverywhere && this.#nodes.every(({ status }) => (status?.hot ?? 0) === 0)) {
      this.#stillAt = nowMs;
      this.time.after(STILL_ROUNDS * this.options.intervalMs + STILL_MS, () => {
        this.#isOver = true;
      });
    } else if (nowMs >= endMs) this.#isOver = true;
    else this.time.after(CHECK_MS, () => this.#lookUntil(endMs, isEverywhere));
  }

  #isEverywhere(): boolean {
    const up = this.#nodes.filter(({ run }) => run !== null);
    const kept = new Set(up.flatMap((node) => node.kept.map(keyOf)));
    return up.every(({ heard }) => [...kept].every((key) => heard.has(key)));
  }
}

function knowledgeOf(node: SimulatedGossipNode): GossipNodeKnowledge | null {
  const { run, status, kept, up } = node;
  if (run === null || status === null) return null;
  return { run: run.run, kept: kept.map(saidRumor), hot: status.hot, up };
}
