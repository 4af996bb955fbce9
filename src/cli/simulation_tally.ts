/**
 * What has come out of a campaign so far.
 *
 * @module
 */

import { addFaultCounts, type FaultCounts } from "../simulator/faults.ts";
import type { SimulationOptions, SimulationResult } from "../simulator/order_simulation.ts";
import { TraceHash } from "../simulator/trace_hash.ts";
import type { SimulationVerdict } from "./judge_simulation.ts";

/** A run that is over, whatever was simulated. `Counts` says what went wrong in it. */
export interface FinishedRun<Counts> {
  readonly options: { readonly seed: number };
  readonly result: {
    readonly events: number;
    readonly virtualMs: number;
    readonly faults: Counts;
    readonly traceHash: string;
  };
  readonly verdict: SimulationVerdict;
  /** How long the simulation took in real time, the checkers' work apart. */
  readonly tookMs: number;
}

/** A run of ordered multicast that is over. */
export interface SimulatedRun extends FinishedRun<FaultCounts> {
  readonly options: SimulationOptions;
  readonly result: SimulationResult;
}

/** Adds runs up. */
export class SimulationTally<Counts extends Record<keyof Counts, number> = FaultCounts> {
  readonly #hash = new TraceHash();
  #onlyHash = "";
  #tookMs = 0;
  #virtualMs = 0;
  /** How many runs there were. */
  runs = 0;
  /** How many of them violated something that was demanded. */
  failedRuns = 0;
  events = 0;
  readonly faults: Counts;
  /** In how many runs each demanded property was violated, in the order of their appearance. */
  readonly violationsOf = new Map<string, number>();
  /** In how many runs each other property was violated. */
  readonly notPromised = new Map<string, number>();

  /** Starts at 0 for the properties that are not demanded, so that it shows if they held.
   *
   * @param faults Nothing went wrong yet. */
  constructor(notPromised: readonly string[], faults: Counts) {
    this.faults = faults;
    for (const property of notPromised) this.notPromised.set(property, 0);
  }

  /** Adds a run. The order in which runs are added makes a difference to the hash. */
  add({ result, verdict, tookMs }: FinishedRun<Counts>): void {
    this.runs++;
    if (verdict.violations.length > 0) this.failedRuns++;
    this.events += result.events;
    this.#tookMs += tookMs;
    this.#virtualMs += result.virtualMs;
    addFaultCounts(this.faults, result.faults);
    this.#onlyHash = result.traceHash;
    this.#hash.addHash(result.traceHash);
    for (const { property } of verdict.violations) increment(this.violationsOf, property);
    for (const { property } of verdict.notDemanded) increment(this.notPromised, property);
  }

  /** How many violations there were, of each run and property one. */
  get violations(): number {
    return [...this.violationsOf.values()].reduce((sum, count) => sum + count, 0);
  }

  get eventsPerSecond(): number {
    return this.#tookMs === 0 ? 0 : Math.round(this.events / (this.#tookMs / 1000));
  }

  get virtualSeconds(): number {
    return Math.round(this.#virtualMs) / 1000;
  }

  /** How much faster than real time it went. */
  get timesRealTime(): number {
    return this.#tookMs === 0 ? 0 : Math.round(this.#virtualMs / this.#tookMs);
  }

  /** The hash of the run if there was one, of the runs' hashes if there were several. */
  get traceHash(): string {
    return this.runs === 1 ? this.#onlyHash : this.#hash.hex;
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
