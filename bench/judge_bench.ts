/**
 * How long it takes to judge a million deliveries: every property and every measure.
 *
 * The clean runs are what a judge sees most; the disordered one makes every checker look for its
 * witness and the measures sort. Run with `deno bench bench/judge_bench.ts`. Wanted: about two
 * seconds each.
 *
 * @module
 */

import { judge } from "../src/checkers/judge.ts";
import { Journal } from "../src/history/journal.ts";
import type { Run } from "../src/history/run.ts";

const DELIVERIES = 1_000_000;

/** A run in which all deliver alike, with receive events, clocks and times; or each in the order of
 * its own arrivals, with some lost. */
function makeRun(processes: number, ordered: boolean): Run {
  const messages = DELIVERIES / processes;
  const journals = Array.from({ length: processes }, (_, process) => new Journal(process));
  const clocks = new Array<number>(processes).fill(0);
  let random = 1;
  for (let k = 0; k < messages; k++) {
    const sender = k % processes;
    const seq = Math.floor(k / processes) + 1;
    const stamp = ++clocks[sender]!;
    journals[sender]!.multicast(seq, stamp, k, 64);
    for (const journal of journals) {
      const { process } = journal;
      if (process !== sender) {
        clocks[process] = Math.max(clocks[process]!, stamp) + 1;
        journal.receive(sender, seq, clocks[process]!, k + 1);
      }
      // Up to 20 positions late where there is no order.
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      const late = ordered ? 0 : (random >>> 16) % 20;
      const delivered = k - late;
      if (delivered < 0) continue;
      const of = Math.floor(delivered / processes) + 1;
      journal.deliver(delivered % processes, of, clocks[process]!, k + 2);
    }
  }
  const byProcess = new Map(journals.map((journal) => [journal.process, journal]));
  return { processes, journals: byProcess, incomplete: new Set() };
}

for (const processes of [4, 10]) {
  for (const ordered of [true, false]) {
    const run = makeRun(processes, ordered);
    const name = `judge ${DELIVERIES} deliveries, ${processes} processes, ` +
      (ordered ? "one order" : "each its own order");
    Deno.bench({ name, fn: () => void judge(run), n: 5, warmup: 1 });
  }
}
