/**
 * What has come out of a campaign so far.
 *
 * @module
 */

import type { Property } from "../checkers/verdict.ts";
import { addFaultCounts, type FaultCounts, noFaultCounts } from "../simulator/faults.ts";
import type { SimulationOptions, SimulationResult } from "../simulator/order_simulation.ts";
import { TraceHash } from "../simulator/trace_hash.ts";
import type { SimulationVerdict } from "./judge_simulation.ts";

/** A run that is over. */
export interface SimulatedRun {
  readonly options: SimulationOptions;
  readonly result: SimulationResult;
  readonly verdict: SimulationVerdict;
  /** How long the simulation took in real time, the checkers' work apart. */
  readonly tookMs: number;
}

/** Adds runs up. */
export class SimulationTally {
  readonly #hash = new TraceHash();
  #onlyHash = "";
  #tookMs = 0;
  #virtualMs = 0;
  /** How many runs there were. */
  runs = 0;
  /** How many of them violated something that was demanded. */
  failedRuns = 0;
  events = 0;
  readonly faults: FaultCounts = noFaultCounts();
  /** In how many runs each demanded property was violated, in the order of their appearance. */
  readonly violationsOf = new Map<string, number>();
  /** In how many runs each other property was violated. */
  readonly notPromised = new Map<string, number>();

  /** Starts at 0 for the properties that are not demanded, so that it shows if they held. */
  constructor(notPromised: readonly Property[]) {
    for (const property of notPromised) this.notPromised.set(property, 0);
  }

  /** Adds a run. The order in which runs are added makes a difference to the hash. */
  add({ result, verdict, tookMs }: SimulatedRun): void {
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
