/**
 * From a run that fails to a smaller one that still fails: fewer processes, messages and faults.
 *
 * It is greedy, as in delta debugging (Zeller, Hildebrandt 2002): of all the ways to make the run a
 * step smaller, the first with which it still fails is taken, until there is none. A smaller run
 * draws other numbers from the same seed, so some other seeds are tried as well.
 *
 * @module
 */

import { type Faults, NO_FAULTS } from "./faults.ts";
import type { SimulationOptions } from "./order_simulation.ts";

/** Seeds tried for each smaller run. */
const SEEDS_TRIED = 8;
const SEED_COUNT = 2 ** 32;

/** What limits the search. */
export interface ShrinkOptions {
  /** At most so many runs are tried. */
  readonly maxRuns: number;
  /** Hears of each smaller run that fails. */
  readonly onSmaller?: (run: SimulationOptions) => void;
}

/**
 * Looks for a smaller run that fails.
 *
 * @param fails Whether a run fails in the same way. It may return null to end the search.
 * @returns The smallest run found: `run` itself if no smaller one fails.
 */
export async function shrink(
  run: SimulationOptions,
  fails: (candidate: SimulationOptions) => Promise<boolean | null>,
  { maxRuns, onSmaller }: ShrinkOptions,
): Promise<SimulationOptions> {
  let smallest = run;
  let left = maxRuns;
  const find = async (): Promise<SimulationOptions | null> => {
    for (const smaller of smallerRuns(smallest)) {
      for (let i = 0; i < SEEDS_TRIED; i++) {
        if (left-- <= 0) return null;
        const candidate = { ...smaller, seed: (smallest.seed + i) % SEED_COUNT };
        const failed = await fails(candidate);
        if (failed === null) return null;
        if (failed) return candidate;
      }
    }
    return null;
  };
  for (let next = await find(); next !== null; next = await find()) {
    smallest = next;
    onSmaller?.(smallest);
  }
  return smallest;
}

/** All ways to make a run a step smaller or plainer, the boldest first. Each takes something away
 * for good or puts a usual value in its place, so a chain of them ends. */
export function* smallerRuns(run: SimulationOptions): Generator<SimulationOptions> {
  for (const faults of withoutOneKind(run.faults)) yield { ...run, faults };
  if (run.links !== null) yield { ...run, links: null };
  const { holdbackLimit, aheadLimit, ...unlimited } = run;
  if (holdbackLimit !== undefined || aheadLimit !== undefined) yield unlimited;
  const { processes, messages, payloadBytes, maxDatagramBytes, faultPeriodMs } = run;
  for (const fewer of fewerThan(processes, 1)) yield { ...run, processes: fewer };
  for (const fewer of fewerThan(messages, 1)) yield { ...run, messages: fewer };
  for (const faults of withFewer(run.faults)) yield { ...run, faults };
  for (const less of fewerThan(Math.ceil(faultPeriodMs / 100), 1)) {
    yield { ...run, faultPeriodMs: less * 100 };
  }
  if (payloadBytes > 0) yield { ...run, payloadBytes: 0 };
  if (payloadBytes > 1) yield { ...run, payloadBytes: payloadBytes >> 1 };
  if (maxDatagramBytes !== 1400) yield { ...run, maxDatagramBytes: 1400 };
  for (const intervalMaxMs of plainerThan(run.intervalMaxMs)) {
    yield { ...run, intervalMaxMs, intervalMinMs: Math.min(run.intervalMinMs, intervalMaxMs) };
  }
  if (run.intervalMinMs > 0) yield { ...run, intervalMinMs: 0 };
  const { delayMinMs, delayMeanMs } = NO_FAULTS;
  if (run.faults.delayMinMs > delayMinMs || run.faults.delayMeanMs > delayMeanMs) {
    yield { ...run, faults: { ...run.faults, delayMinMs, delayMeanMs } };
  }
}

/** Each kind of fault switched off, those that matter most to a reader first. */
function* withoutOneKind(faults: Faults): Generator<Faults> {
  for (const kind of ["crashes", "partitions", "clogs", "pauses", "slow"] as const) {
    if (faults[kind] > 0) yield { ...faults, [kind]: 0 };
  }
  for (const kind of ["lossRate", "duplicateRate", "reorderRate"] as const) {
    if (faults[kind] > 0) yield { ...faults, [kind]: 0 };
  }
  const { delayMinMs, delayMeanMs } = faults;
  if (delayMeanMs > delayMinMs) yield { ...faults, delayMeanMs: delayMinMs };
  // What belongs to a kind that is off is put back, so that nobody has to read it.
  const { clogMaxMs, partitionMaxMs, partitionModes, pauseMaxMs, slowMs, bufferBytes } = NO_FAULTS;
  const plain: Partial<Faults> = {
    ...(faults.clogs === 0 ? { clogMaxMs } : {}),
    ...(faults.partitions === 0 ? { partitionMaxMs, partitionModes } : {}),
    ...(faults.pauses === 0 ? { pauseMaxMs } : {}),
    ...(faults.slow === 0 ? { slowMs } : {}),
    ...(faults.slow === 0 && faults.pauses === 0 ? { bufferBytes } : {}),
  };
  const isPlain = (Object.keys(plain) as (keyof Faults)[]).every((key) =>
    String(plain[key]) === String(faults[key])
  );
  if (!isPlain) yield { ...faults, ...plain };
}

/** Each kind of fault that is on, but less of it. */
function* withFewer(faults: Faults): Generator<Faults> {
  for (const kind of ["crashes", "partitions", "clogs", "pauses", "slow"] as const) {
    for (const fewer of fewerThan(faults[kind], 1)) yield { ...faults, [kind]: fewer };
  }
  for (const rate of ["lossRate", "duplicateRate", "reorderRate"] as const) {
    for (const plainer of plainerThan(faults[rate])) yield { ...faults, [rate]: plainer };
  }
  for (const plainer of plainerThan(faults.delayMeanMs)) {
    yield { ...faults, delayMeanMs: plainer, delayMinMs: Math.min(faults.delayMinMs, plainer) };
  }
  for (const plainer of plainerThan(faults.delayMinMs)) yield { ...faults, delayMinMs: plainer };
}

/** Smaller whole numbers, down to `least`: the smallest first, then ever shorter steps. */
function* fewerThan(count: number, least: number): Generator<number> {
  if (count <= least) return;
  const tried = [least, count >> 1, count - (count >> 2), count - 1];
  for (const fewer of new Set(tried)) if (fewer >= least && fewer < count) yield fewer;
}

/** A number with one digit, no larger; for numbers of a kind of which zero has been tried. */
function* plainerThan(value: number): Generator<number> {
  if (value <= 0) return;
  const digit = Number(value.toExponential(0));
  const plain = digit <= value ? digit : Number((digit - unitOf(value)).toPrecision(1));
  if (plain > 0 && plain < value) yield plain;
}

/** The place of the first digit: 0.01 for 0.037. */
function unitOf(value: number): number {
  return Number(`1e${value.toExponential().split("e")[1]}`);
}
