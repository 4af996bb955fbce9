/**
 * Runs written down as scripts: what each process did, in words of a few letters.
 *
 * `m1` multicast its message 1, `r0:1` received message 1 of process 0, `d0:1` delivered it;
 * `@12` after a word is the logical clock, `+12` the time in milliseconds. `null` is a process that
 * left no journal.
 *
 * @module
 */

import { Journal } from "../../src/history/journal.ts";
import type { Run } from "../../src/history/run.ts";

/** One event of a script. */
export interface Deed {
  kind: "multicast" | "receive" | "deliver";
  sender: number;
  seq: number;
  time: number;
  at: number;
}

const KINDS = ["multicast", "receive", "deliver"];
const WORD = /^(?:m|(?:(r|d)(\d+):))(\d+)(?:@(\d+))?(?:\+(\d+))?$/;

/** Reads the script of one process. */
export function readScript(process: number, script: string): Deed[] {
  return script.split(" ").filter((word) => word !== "").map((word) => {
    const match = WORD.exec(word);
    if (match === null) throw new SyntaxError(`No such deed: ${word}`);
    const [, letter, sender, seq, time, at] = match;
    return {
      kind: letter === undefined ? "multicast" : letter === "r" ? "receive" : "deliver",
      sender: sender === undefined ? process : Number(sender),
      seq: Number(seq),
      time: Number(time ?? NaN),
      at: Number(at ?? NaN),
    };
  });
}

/** Makes a run of deeds; a process without any has no journal and is incomplete. */
export function runOfDeeds(deeds: readonly (readonly Deed[] | null)[], incomplete: number[] = []) {
  const journals = new Map<number, Journal>();
  const missing: number[] = [];
  deeds.forEach((own, process) => {
    if (own === null) return void missing.push(process);
    const journal = new Journal(process);
    for (const { kind, sender, seq, time, at } of own) {
      journal.append(KINDS.indexOf(kind), sender, seq, time, at, -1);
    }
    journals.set(process, journal);
  });
  const run: Run = {
    processes: deeds.length,
    journals,
    incomplete: new Set([...incomplete, ...missing]),
  };
  return run;
}

/** Makes a run of scripts, one a process. */
export function runOf(scripts: readonly (string | null)[], incomplete: number[] = []): Run {
  return runOfDeeds(
    scripts.map((script, process) => script === null ? null : readScript(process, script)),
    incomplete,
  );
}

/** A clean run in total order: message k of the list is multicast by `senders[k]`, received by the
 * others at once, and delivered by process p after `lags[p]` more messages. */
export function cleanDeeds(senders: readonly number[], lags: readonly number[]): Deed[][] {
  const deeds: Deed[][] = lags.map(() => []);
  const clocks = lags.map(() => 0);
  const seqs = lags.map(() => 0);
  const order = senders.map((sender) => ({ sender, seq: ++seqs[sender]! }));
  for (let k = 0; k < order.length + Math.max(...lags) + 1; k++) {
    const message = order[k];
    if (message !== undefined) {
      const time = ++clocks[message.sender]!;
      deeds[message.sender]!.push({ kind: "multicast", ...message, time, at: k });
      for (const process of lags.keys()) {
        if (process === message.sender) continue;
        clocks[process] = Math.max(clocks[process]!, time) + 1;
        deeds[process]!.push({ kind: "receive", ...message, time: clocks[process]!, at: k });
      }
    }
    for (const [process, lag] of lags.entries()) {
      const due = order[k - lag];
      if (due === undefined) continue;
      deeds[process]!.push({ kind: "deliver", ...due, time: clocks[process]!, at: k });
    }
  }
  return deeds;
}
