/**
 * Total order, all processes together: there is one order that agrees with every log.
 *
 * Pairs alone do not show it. With p: 1 2, q: 2 3 and r: 3 1 no pair has two messages in common,
 * yet 1 before 2 before 3 before 1.
 *
 * **How.** Merge the logs: a message is taken when it heads every log that still contains it. If
 * all logs are used up, the order of taking agrees with them all. If the merge is stuck, every
 * head stands further back in some other log, behind that log's head: following this from log to
 * log must return, and that is the cycle, with each process in it at most once.
 *
 * @module
 */

import { type DeliveryLog, type MessageIndex } from "./message_index.ts";
import { type Verdict, violated } from "./verdict.ts";

/** Finds messages that were delivered in a circle, in time O(D) for D deliveries. */
export function findCycle(index: MessageIndex): Verdict | null {
  const heads = merge(index);
  const start = index.logs.findIndex((log, i) => heads[i]! < log.firsts.length);
  if (start < 0) return null;
  return describe(followCycle(index, heads, start), index);
}

/** Takes messages as long as one heads every log that contains it; returns where each log stands. */
function merge({ logs, size }: MessageIndex): Uint32Array {
  const heads = new Uint32Array(logs.length);
  const containing = new Uint32Array(size); // How many logs contain the message ...
  const heading = new Uint32Array(size); // ... and how many it heads.
  const firstHeaded = new Int32Array(size).fill(-1); // A linked list of the logs that it heads.
  const nextHeaded = new Int32Array(logs.length).fill(-1);
  const ready: number[] = [];
  for (const { firsts } of logs) {
    for (const m of firsts) containing[m]!++;
  }
  const show = (log: number) => {
    const { firsts } = logs[log]!;
    const head = heads[log]!;
    if (head === firsts.length) return; // Used up.
    const m = firsts[head]!;
    nextHeaded[log] = firstHeaded[m]!;
    firstHeaded[m] = log;
    heading[m]!++;
    if (heading[m] === containing[m]) ready.push(m);
  };
  logs.forEach((_, log) => show(log));
  for (let m = ready.pop(); m !== undefined; m = ready.pop()) {
    let log = firstHeaded[m]!;
    while (log >= 0) {
      const next = nextHeaded[log]!;
      heads[log]!++;
      show(log);
      log = next;
    }
  }
  return heads;
}

/** In `log`, message `before` came before message `after`. */
interface Step {
  log: DeliveryLog;
  before: number;
  after: number;
}

function followCycle({ logs, size }: MessageIndex, heads: Uint32Array, start: number): Step[] {
  const behindHeadOf = new Int32Array(size).fill(-1);
  for (const [log, { firsts }] of logs.entries()) {
    for (let i = heads[log]! + 1; i < firsts.length; i++) behindHeadOf[firsts[i]!] = log;
  }
  const steps: Step[] = [];
  const stepTo = new Map<number, number>();
  let after = logs[start]!.firsts[heads[start]!]!;
  while (!stepTo.has(after)) {
    stepTo.set(after, steps.length);
    const holder = behindHeadOf[after]!;
    const log = logs[holder]!;
    const before = log.firsts[heads[holder]!]!;
    steps.push({ log, before, after });
    after = before;
  }
  // The steps lead back in time: turn them round, so that each begins where the last one ended.
  return steps.slice(stepTo.get(after)!).reverse();
}

function describe(steps: readonly Step[], index: MessageIndex): Verdict {
  const sentence = steps.map(({ log, before, after }) =>
    `process ${log.process} delivered ${index.nameOf(before)} before ${index.nameOf(after)}`
  ).join(", ");
  const sightings = steps.flatMap(({ log, before, after }) => [
    index.sight(log, before),
    index.sight(log, after),
  ]);
  return violated("total", sentence, sightings);
}
