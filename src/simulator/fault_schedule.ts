/**
 * When processes pause and crash, and when links are clogged and cut: drawn from the seed before
 * the run begins.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { Micros } from "./event_queue.ts";
import type { Faults, PartitionMode } from "./faults.ts";

/** A directed link. */
export interface Link {
  readonly from: ProcessId;
  readonly to: ProcessId;
}

/** Something that begins, and ends unless it is for good. */
export type Fault =
  | {
    readonly kind: "pause";
    readonly process: ProcessId;
    readonly at: Micros;
    readonly end: Micros;
  }
  | {
    readonly kind: "crash";
    readonly process: ProcessId;
    readonly at: Micros;
    readonly end: Micros;
  }
  | {
    readonly kind: "clog";
    readonly links: readonly Link[];
    readonly at: Micros;
    readonly end: Micros;
  }
  | {
    readonly kind: "partition";
    readonly mode: PartitionMode;
    readonly links: readonly Link[];
    readonly at: Micros;
    readonly end: Micros;
  };

/** Draws the faults of a run. All begin within `periodMs` and end with it at the latest, but for
 * crashes, which are for good. */
export function scheduleFaults(
  faults: Faults,
  size: number,
  periodMs: Millis,
  random: Random,
): Fault[] {
  const period = Math.round(periodMs * 1000);
  const span = (maxMs: Millis) => {
    const at = Math.floor(random.between(0, period));
    return { at, end: Math.min(period, at + 1 + Math.floor(random.between(0, maxMs * 1000))) };
  };
  const scheduled: Fault[] = [];
  for (let i = 0; i < faults.pauses; i++) {
    scheduled.push({ kind: "pause", process: random.below(size), ...span(faults.pauseMaxMs) });
  }
  for (const process of chooseSome(size, Math.min(faults.crashes, size - 1), random)) {
    const at = Math.floor(random.between(0, period));
    scheduled.push({ kind: "crash", process, at, end: Infinity });
  }
  if (size < 2) return scheduled;
  for (let i = 0; i < faults.clogs; i++) {
    const from = random.below(size);
    const to = (from + 1 + random.below(size - 1)) % size;
    scheduled.push({ kind: "clog", links: [{ from, to }], ...span(faults.clogMaxMs) });
  }
  for (let i = 0; i < faults.partitions; i++) {
    const mode = faults.partitionModes[random.below(faults.partitionModes.length)]!;
    const links = cutLinks(mode, size, random);
    scheduled.push({ kind: "partition", mode, links, ...span(faults.partitionMaxMs) });
  }
  return scheduled;
}

/** Some of the processes 0 to `size - 1`, each at most once. */
export function chooseSome(size: number, count: number, random: Random): ProcessId[] {
  const processes = Array.from({ length: size }, (_, p) => p);
  for (let i = 0; i < count; i++) {
    const j = i + random.below(size - i);
    [processes[i], processes[j]] = [processes[j]!, processes[i]!];
  }
  return processes.slice(0, count);
}

function cutLinks(mode: PartitionMode, size: number, random: Random): Link[] {
  const count = mode === "isolate" ? 1 : 1 + random.below(size - 1);
  const side = new Set(chooseSome(size, count, random));
  const links: Link[] = [];
  for (let from = 0; from < size; from++) {
    for (let to = 0; to < size; to++) {
      if (side.has(from) === side.has(to)) continue;
      if (mode !== "one-way" || side.has(from)) links.push({ from, to });
    }
  }
  return links;
}
