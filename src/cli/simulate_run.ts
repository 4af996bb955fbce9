/**
 * One simulated run, such that signals and the terminal get their turn now and then.
 *
 * @module
 */

import type { Property } from "../checkers/verdict.ts";
import { OrderSimulation, type SimulationOptions } from "../simulator/order_simulation.ts";
import { judgeSimulation } from "./judge_simulation.ts";
import type { SimulatedRun } from "./simulation_tally.ts";

/** About 10 ms of work. */
const SLICE_EVENTS = 5000;
/** People see progress, and signals are heard, so often. */
const TURN_MS = 100;

/** Lets the event loop turn every now and then. */
export class Pace {
  readonly #stop: AbortSignal;
  readonly #onTurn: () => void;
  #turnedAt = performance.now();

  /** Calls `onTurn` at each turn, and ends the work when `stop` is aborted. */
  constructor(stop: AbortSignal, onTurn: () => void) {
    this.#stop = stop;
    this.#onTurn = onTurn;
  }

  /** Turns the event loop if it is time to, and returns whether to go on. */
  async goOn(): Promise<boolean> {
    if (performance.now() - this.#turnedAt >= TURN_MS) {
      this.#onTurn();
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#turnedAt = performance.now();
    }
    return !this.#stop.aborted;
  }
}

/** Runs a simulation to its end, slice by slice. Returns how long that took in milliseconds; null if
 * it was interrupted. */
export async function runInSlices(
  simulation: { advance(maxEvents: number): boolean },
  pace: Pace,
): Promise<number | null> {
  let tookMs = 0;
  for (let isOver = false; !isOver;) {
    if (!await pace.goOn()) return null;
    const resumedAt = performance.now();
    isOver = simulation.advance(SLICE_EVENTS);
    tookMs += performance.now() - resumedAt;
  }
  return tookMs;
}

/** Simulates a run and judges it; null if it was interrupted. */
export async function simulateRun(
  options: SimulationOptions,
  demanded: readonly Property[],
  pace: Pace,
): Promise<SimulatedRun | null> {
  const startedAt = performance.now();
  const simulation = new OrderSimulation(options);
  const setUpMs = performance.now() - startedAt;
  const tookMs = await runInSlices(simulation, pace);
  if (tookMs === null) return null;
  const result = simulation.result();
  const verdict = judgeSimulation(result, demanded);
  return { options, result, verdict, tookMs: setUpMs + tookMs };
}
