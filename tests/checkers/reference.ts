/**
 * The checkers once more, deliberately simple: quadratic and worse, straight from the definitions,
 * with messages as strings. Property tests compare the fast ones to these.
 *
 * @module
 */

import type { Run } from "../../src/history/run.ts";
import type { Outcome, Property } from "../../src/checkers/verdict.ts";
import type { Deed } from "./script.ts";

/** A run as plain lists. */
export class ReferenceRun {
  readonly processes: number;
  readonly deeds = new Map<number, Deed[]>();
  readonly complete = new Set<number>();
  readonly damaged: ReadonlySet<number>;

  constructor(run: Run, damaged: ReadonlySet<number> = new Set()) {
    this.processes = run.processes;
    this.damaged = damaged;
    for (const [process, journal] of run.journals) {
      this.deeds.set(
        process,
        Array.from({ length: journal.length }, (_, i) => ({
          kind: journal.kindAt(i),
          sender: journal.senderAt(i),
          seq: journal.seqAt(i),
          time: journal.timeAt(i),
          at: journal.atAt(i),
        })),
      );
      if (!run.incomplete.has(process) && !damaged.has(process)) this.complete.add(process);
    }
  }

  get present(): number[] {
    return [...this.deeds.keys()].sort((a, b) => a - b);
  }

  of(process: number, kind: Deed["kind"]): string[] {
    return (this.deeds.get(process) ?? []).filter((deed) => deed.kind === kind).map(nameOf);
  }

  /** A process's deliveries, duplicates included. */
  log(process: number): string[] {
    return this.of(process, "deliver");
  }

  wasNoted(message: string): boolean {
    return this.of(senderOf(message), "multicast").includes(message);
  }

  get anyNoted(): boolean {
    return this.present.some((process) => this.of(process, "multicast").length > 0);
  }

  neverMulticast(message: string): boolean {
    if (!this.anyNoted || this.wasNoted(message)) return false;
    const sender = senderOf(message);
    return this.deeds.has(sender) ? this.complete.has(sender) : sender >= this.processes;
  }

  get delivered(): string[] {
    return [...new Set(this.present.flatMap((process) => this.log(process)))];
  }
}

function nameOf({ sender, seq }: Deed): string {
  return `${sender}:${seq}`;
}

function senderOf(message: string): number {
  return Number(message.split(":")[0]);
}

function seqOf(message: string): number {
  return Number(message.split(":")[1]);
}

function verdict(violated: boolean, doubtful: boolean): Outcome {
  return violated ? "violated" : doubtful ? "inconclusive" : "holds";
}

/** What the definition says, for each property. */
export const REFERENCE: Record<Property, (run: ReferenceRun) => Outcome> = {
  integrity(run) {
    const twice = run.present.some((p) => new Set(run.log(p)).size < run.log(p).length);
    const unknown = run.delivered.some((m) => run.neverMulticast(m));
    const early = run.present.some((p) => {
      const deeds = run.deeds.get(p)!;
      return deeds.some((deed, i) =>
        deed.kind === "deliver" && deed.sender === p && run.wasNoted(nameOf(deed)) &&
        !deeds.slice(0, i).some((other) =>
          other.kind === "multicast" && nameOf(other) === nameOf(deed)
        )
      );
    });
    return verdict(
      twice || unknown || early,
      run.present.length === 0 || run.delivered.some((m) => !run.wasNoted(m)),
    );
  },

  validity(run) {
    const owing = run.present.filter((p) =>
      run.of(p, "multicast").some((m) => !run.log(p).includes(m))
    );
    return verdict(
      owing.some((p) => run.complete.has(p)),
      owing.length > 0 || run.present.length === 0 || run.present.length < run.processes ||
        (!run.anyNoted && run.delivered.length > 0),
    );
  },

  agreement(run) {
    const everybody = Array.from({ length: run.processes }, (_, p) => p);
    const lacking = run.delivered.flatMap((m) => everybody.filter((p) => !run.log(p).includes(m)));
    return verdict(
      lacking.some((p) => run.complete.has(p)),
      lacking.length > 0 || run.present.length === 0,
    );
  },

  fifo(run) {
    const faults = run.present.flatMap((p) =>
      run.log(p).flatMap((m) =>
        earlierOfSender(m).map((earlier) => judgeBefore(run, p, earlier, m))
      )
    );
    return verdict(
      faults.includes("violated"),
      run.present.length === 0 || faults.includes("inconclusive"),
    );
  },

  causal(run) {
    const messages = allMessages(run);
    const direct = new Map(messages.map((m) => [m, directDependencies(run, m)]));
    const faults: Outcome[] = [];
    for (const p of run.present) {
      for (const m of run.log(p)) {
        const dependencies = run.damaged.has(p) ? direct.get(m)! : reach(direct, m);
        for (const d of dependencies) if (d !== m) faults.push(judgeBefore(run, p, d, m));
      }
    }
    return verdict(
      faults.includes("violated"),
      run.present.length === 0 || faults.includes("inconclusive") ||
        run.delivered.some((m) => !run.wasNoted(m) && !run.neverMulticast(m)),
    );
  },

  total(run) {
    const after = new Map<string, Set<string>>(run.delivered.map((m) => [m, new Set()]));
    for (const p of run.present) {
      const log = [...new Set(run.log(p))];
      log.forEach((m, i) => log.slice(i + 1).forEach((later) => after.get(m)!.add(later)));
    }
    return verdict(
      run.delivered.some((m) => reach(after, m).has(m)),
      run.present.length === 0 || (run.present.length === 1 && run.processes > 1),
    );
  },

  prefix(run) {
    const whole = run.present.filter((p) => !run.damaged.has(p));
    const candidates = whole.length > 0 ? whole : run.present;
    const length = Math.max(...candidates.map((p) => run.log(p).length));
    const longest = candidates.map((p) => run.log(p)).find((log) => log.length === length) ?? [];
    const strange = run.present.filter((p) =>
      run.log(p).some((m, i) => i < longest.length && m !== longest[i])
    );
    return verdict(
      whole.some((p) => strange.includes(p)),
      strange.length > 0 || run.present.length === 0 ||
        (run.present.length === 1 && run.processes > 1),
    );
  },

  clock(run) {
    let violated = false;
    let timed = false;
    for (const p of run.present) {
      const deeds = run.deeds.get(p)!.filter(({ time }) => !Number.isNaN(time));
      timed ||= deeds.length > 0;
      deeds.forEach((later, i) => {
        for (const earlier of deeds.slice(0, i)) {
          if (earlier.kind === "deliver" !== (later.kind === "deliver")) continue;
          violated ||= later.kind === "deliver"
            ? later.time < earlier.time
            : later.time <= earlier.time;
        }
        if (later.kind === "multicast") return;
        const multicast = run.deeds.get(later.sender)?.find((deed) =>
          deed.kind === "multicast" && deed.seq === later.seq
        );
        if (multicast === undefined) return;
        violated ||= later.kind === "receive"
          ? later.time <= multicast.time
          : later.time < multicast.time;
      });
    }
    return verdict(violated, run.present.length === 0 || !timed);
  },
};

/** Whether p delivered `earlier` before `m`, which it did deliver. */
function judgeBefore(run: ReferenceRun, p: number, earlier: string, m: string): Outcome {
  const log = run.log(p);
  if (!log.includes(earlier)) return run.damaged.has(p) ? "inconclusive" : "violated";
  return log.indexOf(earlier) < log.indexOf(m) ? "holds" : "violated";
}

function earlierOfSender(message: string): string[] {
  const sender = senderOf(message);
  return Array.from({ length: Math.max(0, seqOf(message) - 1) }, (_, i) => `${sender}:${i + 1}`);
}

/** What must come before a message: its sender's earlier messages, and what its sender multicast
 * and delivered before. */
export function directDependencies(run: ReferenceRun, message: string): Set<string> {
  const deeds = run.deeds.get(senderOf(message)) ?? [];
  const multicast = deeds.findIndex((deed) =>
    deed.kind === "multicast" && nameOf(deed) === message
  );
  const before = deeds.slice(0, Math.max(0, multicast)).filter(({ kind }) => kind !== "receive");
  return new Set([...earlierOfSender(message), ...before.map(nameOf)]);
}

function allMessages(run: ReferenceRun): string[] {
  const mentioned = run.present.flatMap((p) => run.deeds.get(p)!.map(nameOf));
  return [...new Set([...mentioned, ...mentioned.flatMap(earlierOfSender)])];
}

function reach(edges: ReadonlyMap<string, ReadonlySet<string>>, from: string): Set<string> {
  const reached = new Set<string>();
  const open = [from];
  for (let m = open.pop(); m !== undefined; m = open.pop()) {
    for (const next of edges.get(m) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

/** The measures, counted by hand. */
export function referenceMeasures(run: ReferenceRun) {
  const logs = run.present.map((p) => run.log(p));
  const rounds = Math.max(0, ...logs.map((log) => log.length));
  let roundsOutOfOrder = 0;
  for (let i = 0; i < rounds; i++) {
    if (new Set(logs.map((log) => log[i])).size > 1) roundsOutOfOrder++;
  }
  const multicast = allMessages(run).filter((m) =>
    run.wasNoted(m) || (run.delivered.includes(m) && !run.neverMulticast(m))
  );
  const lost = multicast.flatMap((m) => logs.filter((log) => !log.includes(m))).length;
  const duplicated = logs.flatMap((log) => log.filter((m, i) => log.indexOf(m) < i)).length;
  const plain = logs.map((log) => [...new Set(log)]);
  const length = Math.max(0, ...plain.map((log) => log.length));
  const reference = plain.find((log) => log.length === length) ?? [];
  let [moved, inversions] = [0, 0];
  for (const log of plain) {
    const common = log.filter((m) => reference.includes(m)).map((m) => reference.indexOf(m));
    moved += common.length - longestIncreasing(common);
    inversions += countPairs(common, (a, b) => a > b);
  }
  return {
    compared: logs.length,
    messages: multicast.length,
    rounds,
    roundsOutOfOrder,
    lost,
    duplicated,
    moved,
    inversions,
  };
}

/** The length of the longest increasing subsequence, by quadratic dynamic programming. */
export function longestIncreasing(sequence: readonly number[]): number {
  const ending: number[] = [];
  sequence.forEach((element, i) => {
    ending.push(1 + Math.max(0, ...ending.filter((_, j) => j < i && sequence[j]! < element)));
  });
  return Math.max(0, ...ending);
}

/** How many pairs, in the order in which they stand, are like that. */
export function countPairs(
  sequence: readonly number[],
  wanted: (a: number, b: number) => boolean,
): number {
  return sequence.flatMap((a, i) => sequence.slice(i + 1).filter((b) => wanted(a, b))).length;
}
