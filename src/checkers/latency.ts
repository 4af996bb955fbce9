/**
 * How long messages took from multicast to delivery, and how many came through a second.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Run } from "../history/run.ts";
import type { LatencyOf } from "../history/run_facts.ts";
import { indexMessages, type MessageIndex } from "./message_index.ts";

/** The points of a distribution that are reported, in the unit of its values. */
export interface Percentiles {
  p50: number;
  p99: number;
  max: number;
}

/**
 * Milliseconds from multicast to delivery, one value for each message that has both times.
 *
 * `last-delivery` is to the last of the processes that delivered it, and needs clocks that agree:
 * those of one machine. A message that a process never delivered, although it came to the end of the
 * run, has no such latency and is left out: else an order that loses messages would look fast.
 * `own-delivery` is to the sender's own delivery, by the sender's clock alone. A process's first
 * delivery of a message counts.
 */
export function latencies(
  run: Run,
  of: LatencyOf,
  index: MessageIndex = indexMessages(run),
): Float64Array {
  const deliveredAt = new Float64Array(index.size).fill(NaN);
  const deliveries = new Uint32Array(index.size);
  for (const { process, columns, messages, events, complete } of index.logs) {
    const seen = new Uint8Array(index.size);
    for (let i = 0; i < messages.length; i++) {
      const m = messages[i]!;
      if (seen[m] === 1) continue;
      seen[m] = 1;
      if (of === "own-delivery" && index.senderOf(m) !== process) continue;
      if (complete) deliveries[m]! += 1;
      const at = columns.at[events[i]!]!;
      // The comparison is false where `at` is missing.
      if (Number.isNaN(deliveredAt[m]!) || at > deliveredAt[m]!) deliveredAt[m] = at;
    }
  }
  const values = new Float64Array(index.size);
  const wanted = of === "last-delivery" ? index.logs.filter(({ complete }) => complete).length : 0;
  let count = 0;
  for (let m = 0; m < index.size; m++) {
    const multicast = index.multicastEvents[m]!;
    if (multicast < 0 || deliveries[m]! < wanted) continue;
    const at = index.logOf(index.senderOf(m))!.columns.at[multicast]!;
    const latency = deliveredAt[m]! - at;
    if (!Number.isNaN(latency)) values[count++] = latency;
  }
  return values.subarray(0, count);
}

/** Percentiles by nearest rank: values that occur, nothing interpolated. Null without values. */
export function percentiles(values: Float64Array): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted();
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { p50: rank(0.5), p99: rank(0.99), max: sorted[sorted.length - 1]! };
}

/**
 * The slowest process's deliveries a second, from its first delivery to its last: the first one
 * starts the watch and is not counted. A process with a journal that delivered nothing has rate 0;
 * one whose deliveries all carry the same time, or none, can't be measured and is left out. Null
 * where nobody can be measured.
 */
export function deliveredPerSecond(
  run: Run,
  index: MessageIndex = indexMessages(run),
): number | null {
  if (index.logs.every(({ events }) => events.length === 0)) return null;
  let slowest: number | null = null;
  for (const { columns, events } of index.logs) {
    const rate = events.length === 0 ? 0 : measureRate(columns.at, events);
    if (rate !== null && (slowest === null || rate < slowest)) slowest = rate;
  }
  return slowest;
}

function measureRate(ats: Float64Array, events: Int32Array): number | null {
  let first: Millis = Infinity;
  let last: Millis = -Infinity;
  let timed = 0;
  for (const event of events) {
    const at = ats[event]!;
    if (Number.isNaN(at)) continue;
    timed++;
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return last > first ? (timed - 1) / (last - first) * 1000 : null;
}
