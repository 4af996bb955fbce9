/**
 * Judges a run: every property, every measure, and what the order had promised.
 *
 * ```ts
 * import { Journal } from "../history/journal.ts";
 * import { firstBroken, judge, promised } from "./judge.ts";
 *
 * const journal = new Journal(0);
 * journal.multicast(1, 1, NaN, 100);
 * journal.deliver(0, 1, 1, NaN);
 * const run = { processes: 1, journals: new Map([[0, journal]]), incomplete: new Set<number>() };
 * const judgement = judge(run);
 * console.assert(judgement.verdicts.total.outcome === "holds");
 * console.assert(firstBroken(promised("lamport"), judgement) === null);
 * ```
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import type { Run } from "../history/run.ts";
import type { LatencyOf } from "../history/run_facts.ts";
import { checkAgreement } from "./agreement.ts";
import { checkCausal } from "./causal.ts";
import { checkClock } from "./clock.ts";
import { checkFifo } from "./fifo.ts";
import { checkIntegrity } from "./integrity.ts";
import { deliveredPerSecond, latencies, type Percentiles, percentiles } from "./latency.ts";
import { measure, type Measures } from "./measures.ts";
import { indexMessages, type MessageIndex } from "./message_index.ts";
import { checkPrefix } from "./prefix.ts";
import { checkTotal } from "./total.ts";
import { checkValidity } from "./validity.ts";
import type { Property, Verdict } from "./verdict.ts";

export type { LatencyOf };

/** All that the checkers say about a run. */
export interface Judgement {
  readonly verdicts: Readonly<Record<Property, Verdict>>;
  readonly measures: Measures;
  /** Latency in milliseconds; null where no message has both times. */
  readonly latencyMs: Percentiles | null;
  /** The same to the sender's own delivery, which needs no second clock. */
  readonly ownLatencyMs: Percentiles | null;
  /** The slowest process's; null where it can't be measured. */
  readonly deliveredPerSecond: number | null;
}

/** What is known about a run beside its journals. */
export interface JudgeOptions {
  /** To which delivery latency is measured; `last-delivery` unless told otherwise. */
  latencyOf?: LatencyOf;
  /** Processes whose journals may have holes, since lines of them could not be read. */
  damaged?: ReadonlySet<ProcessId>;
}

const CHECKS: Readonly<Record<Property, (run: Run, index: MessageIndex) => Verdict>> = {
  integrity: checkIntegrity,
  validity: checkValidity,
  agreement: checkAgreement,
  fifo: checkFifo,
  causal: checkCausal,
  total: checkTotal,
  prefix: checkPrefix,
  clock: checkClock,
};

/** Judges a run by its journals alone, in about a second for a million deliveries. */
export function judge(run: Run, options: JudgeOptions = {}): Judgement {
  const index = indexMessages(run, options.damaged);
  const verdicts = Object.fromEntries(
    Object.entries(CHECKS).map(([property, check]) => [property, check(run, index)]),
  ) as Record<Property, Verdict>;
  const latency = (of: LatencyOf) => percentiles(latencies(run, of, index));
  const ownLatencyMs = latency("own-delivery");
  return {
    verdicts,
    measures: measure(run, index),
    latencyMs: options.latencyOf === "own-delivery" ? ownLatencyMs : latency("last-delivery"),
    ownLatencyMs,
    deliveredPerSecond: deliveredPerSecond(run, index),
  };
}

const FIFO = ["integrity", "validity", "agreement", "fifo"] as const;
const TOTAL = [...FIFO, "causal", "total"] as const;

const PROMISES: ReadonlyMap<string, readonly Property[]> = new Map<string, readonly Property[]>([
  // Best effort, but duplicates are dropped and a process hears itself.
  ["none", ["integrity", "validity"]],
  ["fifo", FIFO],
  ["causal", [...FIFO, "causal"]],
  ["lamport", TOTAL],
  ["sequencer", TOTAL],
]);

/**
 * The properties that an order promises, in the order in which they are reported.
 *
 * @throws {RangeError} There is no such order.
 */
export function promised(order: string): readonly Property[] {
  const properties = PROMISES.get(order);
  if (properties === undefined) {
    throw new RangeError(
      `There is no order ${JSON.stringify(order)}; there are ${[...PROMISES.keys()].join(", ")}`,
    );
  }
  return properties;
}

/** The verdict on the first promised property that is violated; null if none is. */
export function firstBroken(
  properties: readonly Property[],
  judgement: Pick<Judgement, "verdicts">,
): Verdict | null {
  const broken = properties.find((property) => judgement.verdicts[property].outcome === "violated");
  return broken === undefined ? null : judgement.verdicts[broken];
}
