/**
 * The network of a simulated world: when each datagram arrives, if it does.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { Micros } from "./event_queue.ts";
import { type FaultCounts, type Faults, REORDER_MS } from "./faults.ts";

/** The one-way delay of a link without faults: uniform in `delayMs ± jitterMs`. */
export interface LinkDelay {
  readonly delayMs: Millis;
  readonly jitterMs: Millis;
}

/** What a network is made of. */
export interface SimulatedNetworkOptions {
  /** How many processes it connects. */
  readonly size: number;
  readonly faults: Faults;
  /** Delays of the links of a topology, to which the faults' delays are added; null for none. */
  readonly links: ((from: ProcessId, to: ProcessId) => LinkDelay) | null;
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
  /** How many partitions cut the way from p to q, at `p * size + q`. */
  readonly #cuts: Uint8Array;
  /** Until when that link is clogged. */
  readonly #cloggedUntil: Float64Array;
  #healed = false;

  constructor(options: SimulatedNetworkOptions) {
    const { size, faults, random } = options;
    this.#options = options;
    this.#size = size;
    this.#random = random;
    this.#tailMs = Math.max(0, faults.delayMeanMs - faults.delayMinMs);
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
    const { faults: { lossRate, duplicateRate }, counts } = this.#options;
    if (this.#cuts[link]! > 0) {
      counts.cut++;
      return;
    }
    if (!this.#healed && lossRate > 0 && this.#random.chance(lossRate)) {
      counts.lost++;
      return;
    }
    arrive(this.#arrival(from, to, link, now));
    if (!this.#healed && duplicateRate > 0 && this.#random.chance(duplicateRate)) {
      counts.duplicated++;
      arrive(this.#arrival(from, to, link, now));
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

  #arrival(from: ProcessId, to: ProcessId, link: number, now: Micros): Micros {
    const delayMs = this.#delayMs(from, to);
    const start = this.#cloggedUntil[link]!;
    if (start > now) this.#options.counts.clogged++;
    return Math.max(now, start) + Math.max(1, Math.round(delayMs * 1000));
  }

  #delayMs(from: ProcessId, to: ProcessId): Millis {
    const { faults: { delayMinMs, reorderRate }, links } = this.#options;
    let delayMs = delayMinMs;
    if (links !== null) {
      const link = links(from, to);
      delayMs += Math.max(0, this.#random.between(-link.jitterMs, link.jitterMs) + link.delayMs);
    }
    if (this.#tailMs > 0) delayMs += this.#random.exponential(this.#tailMs);
    if (!this.#healed && reorderRate > 0 && this.#random.chance(reorderRate)) {
      delayMs += this.#random.between(0, REORDER_MS);
    }
    return delayMs;
  }
}
