/**
 * The network of a simulated gossip network: datagrams, which may be lost, doubled, late and overtaken,
 * and connections, which bring what is larger, later but surely, as long as there is a way there and back.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { type Fault, type Link, scheduleFaults } from "./fault_schedule.ts";
import { NO_FAULTS, noFaultCounts } from "./faults.ts";
import type { GossipFaultCounts } from "./gossip_faults.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";
import { SimulatedNetwork } from "./simulated_network.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Streams of random numbers, apart from those of the run. */
const STREAM = { datagrams: 1, connections: 5, calm: 7 } as const;

/** What is larger goes over a connection. */
const DATAGRAM_BYTES = 1200;

/** A connection brings so much in a millisecond. */
const BYTES_PER_MS = 10_000;

/** A connection is made in two ways of a packet; then the message takes the third. */
const WAYS_TO_CONNECT = 2;

/** See the module. */
export class GossipNetwork {
  readonly #options: GossipSimulationOptions;
  readonly #time: VirtualTime;
  readonly #counts: GossipFaultCounts;
  readonly #datagrams: SimulatedNetwork;
  readonly #connections: SimulatedNetwork;
  /** From which it is drawn what is lost though all is well. */
  readonly #calm: Random;
  /** The number of the latest datagram that arrived on each link. */
  readonly #latestArrival: Float64Array;
  #sent = 0;
  #underWay = 0;
  #isHealed = false;

  constructor(options: GossipSimulationOptions, time: VirtualTime, counts: GossipFaultCounts) {
    const { seed, nodes: size } = options;
    const faults = { ...NO_FAULTS, ...options.faults };
    this.#options = options;
    this.#time = time;
    this.#counts = counts;
    this.#latestArrival = new Float64Array(size * size);
    this.#datagrams = new SimulatedNetwork({
      ...{ size, links: null, faults, counts, random: new Random([seed, STREAM.datagrams]) },
    });
    this.#calm = new Random([seed, STREAM.calm]);
    this.#connections = new SimulatedNetwork({
      ...{ size, links: null, random: new Random([seed, STREAM.connections]) },
      faults: { ...faults, lossRate: 0, duplicateRate: 0, reorderRate: 0 },
      counts: noFaultCounts(),
    });
  }

  /** How many messages are on their way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Sends a message of so many bytes.
   *
   * @param arrive Called each time that it arrives; returns false if nobody was there. */
  transmit(from: ProcessId, to: ProcessId, bytes: number, arrive: () => boolean): void {
    if (bytes <= DATAGRAM_BYTES) return this.#transmitDatagram(from, to, arrive);
    this.#counts.overTcp++;
    let isLost = true;
    this.#connections.transmit(from, to, this.#now, (at) => {
      isLost = false;
      const wayMs = at / 1000 - this.#time.nowMs;
      this.#after((1 + WAYS_TO_CONNECT) * wayMs + bytes / BYTES_PER_MS, () => {
        if (!arrive()) this.#counts.overTcpLost++;
      });
    });
    if (isLost) this.#counts.overTcpLost++;
  }

  /** Brings a packet of a connection over, if there is a way. */
  connect(from: ProcessId, to: ProcessId, arrive: () => void): void {
    this.#connections.transmit(from, to, this.#now, (at) => {
      this.#after(at / 1000 - this.#time.nowMs, arrive);
    });
  }

  /** Draws when links are clogged and cut. */
  scheduleFaults(random: Random): void {
    const { nodes, faults, faultPeriodMs } = this.#options;
    // Crashes and pauses are of another kind here.
    const network = { ...NO_FAULTS, ...faults, crashes: 0, pauses: 0 };
    for (const fault of scheduleFaults(network, nodes, faultPeriodMs, random)) {
      this.#time.at(fault.at / 1000, () => this.#begin(fault));
    }
    if (nodes < 2) return;
    for (let i = 0; i < faults.linkCuts; i++) {
      const from = random.below(nodes);
      const to = (from + 1 + random.below(nodes - 1)) % nodes;
      const isBothWays = random.chance(0.5);
      const links = [{ from, to }, ...(isBothWays ? [{ from: to, to: from }] : [])];
      const endMs = random.between(0, faults.partitionMaxMs);
      this.#time.at(random.between(0, faultPeriodMs), () => {
        this.#cutUntil(links, this.#time.nowMs + endMs);
      });
    }
  }

  /** From now on nothing goes wrong, but that some datagrams are lost. */
  heal(): void {
    this.#isHealed = true;
    this.#datagrams.heal();
    this.#connections.heal();
  }

  #begin(fault: Fault): void {
    if (fault.kind === "partition") this.#cutUntil(fault.links, fault.end / 1000);
    else if (fault.kind === "clog") {
      for (const { from, to } of fault.links) {
        this.#datagrams.clog(from, to, fault.end);
        this.#connections.clog(from, to, fault.end);
      }
    }
  }

  #cutUntil(links: readonly Link[], endMs: Millis): void {
    if (this.#isHealed) return;
    this.#counts.partitions++;
    for (const { from, to } of links) {
      this.#datagrams.cut(from, to);
      // A connection needs both ways.
      this.#connections.cut(from, to);
      this.#connections.cut(to, from);
    }
    this.#time.at(Math.min(this.#options.faultPeriodMs, endMs), () => {
      for (const { from, to } of links) {
        this.#datagrams.join(from, to);
        this.#connections.join(from, to);
        this.#connections.join(to, from);
      }
    });
  }

  #transmitDatagram(from: ProcessId, to: ProcessId, arrive: () => boolean): void {
    if (this.#isHealed && this.#calm.chance(this.#options.faults.calmLossRate)) {
      this.#counts.lost++;
      return;
    }
    const number = ++this.#sent;
    const link = from * this.#options.nodes + to;
    this.#datagrams.transmit(from, to, this.#now, (at) => {
      this.#after(at / 1000 - this.#time.nowMs, () => {
        if (number < this.#latestArrival[link]!) this.#counts.reordered++;
        else this.#latestArrival[link] = number;
        arrive();
      });
    });
  }

  #after(delayMs: Millis, action: () => void): void {
    this.#underWay++;
    this.#time.after(delayMs, () => {
      this.#underWay--;
      action();
    });
  }

  get #now(): number {
    return Math.round(this.#time.nowMs * 1000);
  }
}
