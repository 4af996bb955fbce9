/**
 * The network of a simulated world: when each datagram arrives, if it does.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { Micros } from "./event_queue.ts";
import { type FaultCounts, type Faults, REORDER_MS } from "./faults.ts";

/** A link of a topology. The faults come on top of what it does by itself. */
export interface SimulatedLink {
  /** The one-way delay is uniform in `delayMs ± jitterMs`. */
  readonly delayMs: Millis;
  readonly jitterMs: Millis;
  /** Probabilities, as those of the faults, and until the network heals like them. */
  readonly lossRate: number;
  readonly duplicateRate: number;
  readonly reorderRate: number;
}

/** The link from one process to another. It must be the same each time. */
export type SimulatedLinks = (from: ProcessId, to: ProcessId) => SimulatedLink;

/** What a network is made of. */
export interface SimulatedNetworkOptions {
  /** How many processes it connects. */
  readonly size: number;
  readonly faults: Faults;
  /** The links of a topology; null for links that do nothing by themselves. */
  readonly links: SimulatedLinks | null;
  /** The stream from which links draw, and nothing else. */
  readonly random: Random;
  /** Where faults are counted as they happen. */
  readonly counts: FaultCounts;
}

/** Links between all processes. */
export class SimulatedNetwork {
  readonly #options: SimulatedNetworkOptions;
  readonly #size: number;
  readonly #random: Random;
  readonly #tailMs: Millis;
  /** Of each link, from p to q at `p * size + q`; null without a topology. */
  readonly #links: readonly SimulatedLink[] | null;
  /** How many partitions cut the way from p to q, at the same place. */
  readonly #cuts: Uint8Array;
  /** Until when that link is clogged. */
  readonly #cloggedUntil: Float64Array;
  #healed = false;

  constructor(options: SimulatedNetworkOptions) {
    const { size, faults, links, random } = options;
    this.#options = options;
    this.#size = size;
    this.#random = random;
    this.#tailMs = Math.max(0, faults.delayMeanMs - faults.delayMinMs);
    this.#links = links === null ? null : Array.from(
      { length: size * size },
      (_, link) => links(Math.floor(link / size), link % size),
    );
    this.#cuts = new Uint8Array(size * size);
    this.#cloggedUntil = new Float64Array(size * size);
  }

  /** Decides what becomes of a datagram that is sent now: `arrive` is called with the time at which
   * each copy arrives, not at all if it is lost. */
  transmit(
    from: ProcessId,
    to: ProcessId,
    now: Micros,
    arrive: (at: Micros) => void,
  ): void {
    const link = from * this.#size + to;
    const { faults, counts } = this.#options;
    const own = this.#links?.[link];
    if (this.#cuts[link]! > 0) {
      counts.cut++;
      return;
    }
    if (this.#strikes(faults.lossRate, own?.lossRate)) {
      counts.lost++;
      return;
    }
    arrive(this.#arrival(link, own, now));
    if (this.#strikes(faults.duplicateRate, own?.duplicateRate)) {
      counts.duplicated++;
      arrive(this.#arrival(link, own, now));
    }
  }

  /** Nothing passes from p to q until it is joined as often as it was cut. */
  cut(from: ProcessId, to: ProcessId): void {
    this.#cuts[from * this.#size + to]! += 1;
  }

  /** Takes one cut back. */
  join(from: ProcessId, to: ProcessId): void {
    this.#cuts[from * this.#size + to]! -= 1;
  }

  /** What is sent from p to q before `until` arrives after it. */
  clog(from: ProcessId, to: ProcessId, until: Micros): void {
    const link = from * this.#size + to;
    this.#cloggedUntil[link] = Math.max(this.#cloggedUntil[link]!, until);
  }

  /** From now on nothing is lost, doubled, held back or clogged. Cuts are taken back by those who
   * made them. */
  heal(): void {
    this.#healed = true;
    this.#cloggedUntil.fill(0);
  }

  #arrival(link: number, own: SimulatedLink | undefined, now: Micros): Micros {
    const delayMs = this.#delayMs(own);
    const start = this.#cloggedUntil[link]!;
    if (start > now) this.#options.counts.clogged++;
    return Math.max(now, start) + Math.max(1, Math.round(delayMs * 1000));
  }

  #delayMs(own: SimulatedLink | undefined): Millis {
    const { delayMinMs, reorderRate } = this.#options.faults;
    let delayMs = delayMinMs;
    if (own !== undefined) {
      delayMs += Math.max(0, this.#random.between(-own.jitterMs, own.jitterMs) + own.delayMs);
    }
    if (this.#tailMs > 0) delayMs += this.#random.exponential(this.#tailMs);
    if (this.#strikes(reorderRate, own?.reorderRate)) {
      delayMs += this.#random.between(0, REORDER_MS);
    }
    return delayMs;
  }

  /** Does a fault happen, for either of two reasons? What can't happen draws no number. */
  #strikes(rate: number, ownRate = 0): boolean {
    if (this.#healed || (rate === 0 && ownRate === 0)) return false;
    return this.#random.chance(rate + ownRate - rate * ownRate);
  }
}
