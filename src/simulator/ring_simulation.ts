/**
 * A token ring in a simulated world: the same nodes that the sockets run, in virtual time, each by a
 * clock of its own, under faults, everything drawn from one seed.
 *
 * First the faults have their period: the lock is never used twice at a time (safety). Then everything
 * heals, everybody is up, and after some time to recover whoever asks is served in his turn (liveness).
 *
 * @module
 */

import type {
  RingEvent,
  RingHistory,
  RingNodeKnowledge,
  TokenArrived,
} from "../history/ring_history.ts";
import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { chooseSome, type Fault, type Link, scheduleFaults } from "./fault_schedule.ts";
import { NO_FAULTS } from "./faults.ts";
import { noRingFaultCounts, type RingFaultCounts } from "./ring_faults.ts";
import type { RingSimulationOptions } from "./ring_options.ts";
import type { RingObservation, RingWorld } from "./ring_world.ts";
import { LockUsers, SimulatedLockUser } from "./simulated_lock_user.ts";
import { SimulatedNetwork } from "./simulated_network.ts";
import { SimulatedRingNode } from "./simulated_ring_node.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Streams of random numbers: who draws from one doesn't disturb the others. */
const STREAM = { links: 1, faults: 2, workload: 3, node: 4, ring: 5 } as const;

/** A crash or a pause happens within so many steps of a process. */
const STRIKE_STEPS = 12;

/** What becomes of who is cut off. `late`: it is mute, after it has heard the others late for a while. */
const CUT_MODES = ["both", "deaf", "mute", "late"] as const;

/** In the end it is looked so often whether all is done. */
const CHECK_MS: Millis = 50;

/** Tokens that multiply would fill the memory. */
const DATAGRAMS_UNDER_WAY_MAX = 20_000;
/** Time goes on: so much doesn't happen in a virtual second. */
const EVENTS_PER_SECOND_MAX = 2_000_000;

/** Who waits says so at least so often. */
const WANT_MS: Millis = 500;

const EVENT_NUMBER: Readonly<Record<RingEvent["event"], number>> = {
  asked: 1,
  withdrawn: 2,
  granted: 3,
  ended: 4,
  arrived: 5,
};

/** What came out of a run. */
export interface RingSimulationResult {
  readonly history: RingHistory;
  readonly faults: RingFaultCounts;
  readonly events: number;
  readonly virtualMs: Millis;
  readonly traceHash: string;
  /** Why it did not come to rest in time after everything had healed; null if it did. */
  readonly unsettled: string | null;
  /** Something is wrong that no history shows; null if nothing is. */
  readonly defect: string | null;
}

/** Runs a simulation to its end. */
export function simulateRing(options: RingSimulationOptions): RingSimulationResult {
  const simulation = new RingSimulation(options);
  simulation.advance(Infinity);
  return simulation.result();
}

/** A simulation that can be interrupted between two events. */
export class RingSimulation implements RingWorld {
  readonly options: RingSimulationOptions;
  readonly time = new VirtualTime();
  readonly counts = noRingFaultCounts();
  readonly #random: Random;
  readonly #network: SimulatedNetwork;
  readonly #nodes: SimulatedRingNode[] = [];
  readonly #users: LockUsers[] = [];
  readonly #events: RingEvent[] = [];
  readonly #starters: ReadonlySet<ProcessId>;
  readonly #epochs = new Set<number>();
  /** The number of the latest datagram that arrived on each link. */
  readonly #latestArrival: Float64Array;
  #datagrams = 0;
  #underWay = 0;
  /** When the last second began, and what had happened before. */
  #second = { sinceMs: 0, events: 0 };
  #lastRequest = 0;
  #settledAt: Millis = Infinity;
  #quietAt: Millis = Infinity;
  #isOver = false;
  #unsettled: string | null = null;
  #defect: string | null = null;
  /** Nothing goes wrong any more. */
  #isHealed = false;
  /** Nobody begins to wait for the lock any more. */
  isQuiet = false;

  /** A world in which nothing has happened yet. */
  constructor(options: RingSimulationOptions) {
    const { seed, nodes, faults, starters, lateNodes, faultPeriodMs } = options;
    this.options = options;
    this.#random = new Random([seed, STREAM.faults]);
    this.#latestArrival = new Float64Array(nodes * nodes);
    this.#network = new SimulatedNetwork({
      ...{ size: nodes, links: null, random: new Random([seed, STREAM.links]) },
      ...{ faults: { ...NO_FAULTS, ...faults }, counts: this.counts },
    });
    this.#starters = new Set(chooseSome(nodes, Math.min(starters, nodes), this.#random));
    const late = new Set(chooseSome(nodes, Math.min(lateNodes, nodes), this.#random));
    for (let node = 0; node < nodes; node++) {
      this.#addNode(node);
      const startMs = late.has(node) ? this.#random.between(0, faultPeriodMs) : 0;
      this.time.after(startMs, () => this.#start(node));
    }
    this.#scheduleFaults();
    this.time.after(faultPeriodMs, () => this.#heal());
  }

  // --- what the machines share

  /** A number that no request of this run has had. */
  newRequest(): number {
    return ++this.#lastRequest;
  }

  /** Notes what an observer sees. */
  observe(observation: RingObservation): void {
    const event: RingEvent = { ...observation, at: this.time.nowMs };
    this.#events.push(event);
    this.time.note(EVENT_NUMBER[event.event] * 4096 + event.node);
    if (event.event === "arrived") this.#epochs.add(event.epoch);
    if (event.event === "granted") this.time.note(event.fence);
  }

  /** Sends a datagram. */
  transmit(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const number = ++this.#datagrams;
    const link = from * this.options.nodes + to;
    this.#network.transmit(from, to, Math.round(this.time.nowMs * 1000), (at) => {
      if (++this.#underWay > DATAGRAMS_UNDER_WAY_MAX) this.defect("the network is flooded");
      this.time.at(at / 1000, () => {
        this.#underWay--;
        if (number < this.#latestArrival[link]!) this.counts.reordered++;
        else this.#latestArrival[link] = number;
        this.#nodes[to]!.receive(bytes);
      });
    });
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
  result(): RingSimulationResult {
    const { nodes } = this.options;
    const { nowMs: endAt, events, traceHash } = this.time;
    return {
      history: {
        ...{
          nodes,
          events: this.#events,
          settledAt: this.#settledAt,
          quietAt: this.#quietAt,
          endAt,
        },
        noticeMs: this.#noticeMs,
        knowledge: this.#nodes.map(knowledgeOf),
      },
      faults: { ...this.counts, epochs: this.#epochs.size },
      ...{ events, virtualMs: endAt, traceHash },
      ...{ unsettled: this.#unsettled, defect: this.#defect },
    };
  }

  /** What waits is said again and again, and is not lost any more; a tail of delays is longer than twenty
   * times its mean once in half a billion times. */
  get #noticeMs(): Millis {
    const { delayMinMs, delayMeanMs, lateMaxMs } = this.options.faults;
    return WANT_MS + delayMinMs + 20 * (delayMeanMs - delayMinMs) + lateMaxMs;
  }

  /** How long it takes at most that each of the users uses the lock once. */
  get #usesMs(): Millis {
    const { nodes, users, holdMaxMs, longHoldRate, longHoldMaxMs } = this.options;
    const longestMs = longHoldRate > 0 ? Math.max(holdMaxMs, longHoldMaxMs) : holdMaxMs;
    return nodes * users * longestMs;
  }

  #addNode(self: ProcessId): void {
    const { seed, nodes, wishRate, users } = this.options;
    const random = new Random([seed, STREAM.node, self]);
    const isWishing = nodes > 1 && random.chance(wishRate);
    const next = isWishing ? (self + 1 + random.below(nodes - 1)) % nodes : null;
    const node = new SimulatedRingNode(this, new Random([seed, STREAM.ring, self]), self, next);
    const owner = new LockUsers(
      Array.from(
        { length: users },
        (_, user) =>
          new SimulatedLockUser(this, new Random([seed, STREAM.workload, self, user]), node),
      ),
    );
    node.owner = owner;
    this.#nodes.push(node);
    this.#users.push(owner);
  }

  #start(self: ProcessId): void {
    const node = this.#nodes[self]!;
    node.start();
    if (!this.#starters.has(self)) return;
    const { startMaxMs } = this.options;
    this.time.after(this.#random.between(0, startMaxMs), () => node.startRing());
  }

  // --- faults

  #scheduleFaults(): void {
    const { nodes, faults, faultPeriodMs } = this.options;
    // Crashes and pauses are of another kind here.
    const network = { ...NO_FAULTS, ...faults, crashes: 0, pauses: 0 };
    for (const fault of scheduleFaults(network, nodes, faultPeriodMs, this.#random)) {
      this.time.at(fault.at / 1000, () => this.#begin(fault));
      this.time.at(fault.end / 1000, () => this.#recover(fault));
    }
    this.#schedule(faults.crashes, () => this.#crash(this.#any()));
    this.#schedule(faults.holderCrashes, () => this.#crash(this.#holder()));
    this.#schedule(faults.pauses, () => this.#pause(this.#any()));
    this.#schedule(faults.holderPauses, () => this.#pause(this.#holder()));
    this.#schedule(faults.holderCuts, () => this.#cutOff(this.#holder()));
    this.#schedule(faults.linkCuts, () => this.#cutLink());
    this.#schedule(faults.leaves, () => this.#leave(this.#any()));
  }

  #schedule(count: number, fault: () => void): void {
    for (let i = 0; i < count; i++) {
      this.time.at(this.#random.between(0, this.options.faultPeriodMs), () => {
        if (!this.#isHealed) fault();
      });
    }
  }

  #begin(fault: Fault): void {
    if (fault.kind === "partition") {
      this.counts.partitions++;
      for (const { from, to } of fault.links) this.#network.cut(from, to);
    } else if (fault.kind === "clog") {
      for (const { from, to } of fault.links) this.#network.clog(from, to, fault.end);
    }
  }

  /** Clogs end by themselves. */
  #recover(fault: Fault): void {
    if (fault.kind !== "partition") return;
    for (const { from, to } of fault.links) this.#network.join(from, to);
  }

  #any(): ProcessId {
    return this.#random.below(this.#nodes.length);
  }

  /** Who has the token, as far as it knows; anybody if nobody has. */
  #holder(): ProcessId {
    const holders = this.#nodes.filter(({ self, status }) => status?.owner === self);
    if (holders.length === 0) return this.#any();
    return holders[this.#random.below(holders.length)]!.self;
  }

  #crash(self: ProcessId): void {
    this.#nodes[self]!.crash(this.#steps());
  }

  /** A process has ended, and is started again after a while. */
  ended(self: ProcessId): void {
    const { downMaxMs } = this.options.faults;
    this.time.after(this.#random.between(0, downMaxMs), () => this.#start(self));
  }

  #pause(self: ProcessId): void {
    const { pauseMaxMs } = this.options.faults;
    const node = this.#nodes[self]!;
    const spanMs = this.#random.between(0, pauseMaxMs);
    this.counts.paused++;
    if (this.#users[self]!.areHolding && spanMs > this.options.leaseMs) this.counts.pausedHolding++;
    node.pause(this.#steps());
    this.time.after(spanMs, () => node.resume());
  }

  /** Cuts one off, at once or a while after what is sent to it began to come late. */
  #cutOff(self: ProcessId): void {
    const { leaseMs } = this.options;
    const mode = CUT_MODES[this.#random.below(CUT_MODES.length)]!;
    const links = this.#linksOf(self).filter(({ from }) =>
      mode === "both" || (from === self) === (mode !== "deaf")
    );
    const lateMs = mode === "late" ? this.#random.between(0, leaseMs) : 0;
    if (mode === "late") {
      const until = Math.round((this.time.nowMs + lateMs) * 1000);
      for (const { from, to } of this.#linksOf(self)) {
        if (to === self) this.#network.clog(from, to, until);
      }
    }
    this.time.after(this.#random.between(0, lateMs), () => this.#cutFor(links));
  }

  #cutLink(): void {
    const { nodes } = this.options;
    if (nodes < 2) return;
    const from = this.#any();
    const to = (from + 1 + this.#random.below(nodes - 1)) % nodes;
    const isBothWays = this.#random.chance(0.5);
    this.#cutFor([{ from, to }, ...(isBothWays ? [{ from: to, to: from }] : [])]);
  }

  #cutFor(links: readonly Link[]): void {
    if (this.#isHealed) return;
    const { faults, faultPeriodMs } = this.options;
    const spanMs = this.#random.between(0, faults.partitionMaxMs);
    this.counts.partitions++;
    for (const { from, to } of links) this.#network.cut(from, to);
    this.time.at(Math.min(faultPeriodMs, this.time.nowMs + spanMs), () => {
      for (const { from, to } of links) this.#network.join(from, to);
    });
  }

  /** To all others and from them. */
  #linksOf(self: ProcessId): Link[] {
    const others = [...this.#nodes.keys()].filter((node) => node !== self);
    return others.flatMap((node) => [{ from: self, to: node }, { from: node, to: self }]);
  }

  #leave(self: ProcessId): void {
    if (!this.#nodes[self]!.isUp) return;
    this.#users[self]!.leave();
    this.#nodes[self]!.leave();
  }

  /** Half of what strikes does so between two turns. */
  #steps(): number {
    return this.#random.chance(0.5) ? 0 : this.#random.below(STRIKE_STEPS);
  }

  // --- the end

  #heal(): void {
    const { recoveryMs, loadMs } = this.options;
    this.#isHealed = true;
    this.#network.heal();
    for (const node of this.#nodes) {
      node.heal();
      this.#start(node.self);
    }
    this.time.after(recoveryMs, () => {
      this.#settledAt = this.time.nowMs;
    });
    this.time.after(recoveryMs + loadMs, () => {
      this.isQuiet = true;
      this.#lookUntil(this.time.nowMs + this.options.livenessMs + this.#usesMs);
    });
  }

  /** Ends the run when everybody was served, and the token has then been everywhere. */
  #lookUntil(endMs: Millis): void {
    const missing = this.#nodes.filter(({ self }) => !this.#users[self]!.areIdle);
    this.#unsettled = missing.length === 0
      ? null
      : `at node ${
        missing.map(({ self }) => self).join(", ")
      } somebody still waits for the lock, ` +
        `or uses it`;
    if (this.#unsettled === null && this.#quietAt === Infinity) this.#quietAt = this.time.nowMs;
    if (this.#unsettled === null) this.#unsettled = this.#whereNoToken();
    if (this.#unsettled === null || this.time.nowMs >= endMs) this.#isOver = true;
    else this.time.after(CHECK_MS, () => this.#lookUntil(endMs));
  }

  #whereNoToken(): string | null {
    const missing = new Set(this.#nodes.keys());
    for (const { node } of arrivalsSince(this.#events, this.#quietAt)) missing.delete(node);
    return missing.size === 0 ? null : `the token has not come to node ${[...missing].join(", ")}`;
  }
}

function* arrivalsSince(events: readonly RingEvent[], since: Millis): Generator<TokenArrived> {
  for (let i = events.length - 1; i >= 0 && events[i]!.at >= since; i--) {
    const event = events[i]!;
    if (event.event === "arrived") yield event;
  }
}

function knowledgeOf({ status }: SimulatedRingNode): RingNodeKnowledge | null {
  if (status === null) return null;
  const { epoch, view } = status;
  const members = view.members.map(({ node }) => node);
  return { epoch, view: view.number, members };
}
