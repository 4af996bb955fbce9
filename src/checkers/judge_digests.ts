/**
 * Judges a run of which no logs were kept, by its digests: as far as counts and fingerprints prove
 * something. What they don't is inconclusive, and what can't be counted is null.
 *
 * Each verdict is one that the checkers of journals could have given of the same run, or
 * `inconclusive` in its place. (That two different sets or sequences have the same fingerprint of 64
 * bits is left out of account.)
 *
 * ```ts
 * import { DeliveryDigest } from "../history/delivery_digest.ts";
 * import { judgeDigests } from "./judge_digests.ts";
 *
 * const digest = new DeliveryDigest(0, 1);
 * digest.multicast(1);
 * digest.deliver(0, 1, NaN, 1732100000184);
 * const digests = new Map([[0, digest.summary()]]);
 * const { verdicts } = judgeDigests({ processes: 1, digests, incomplete: new Set() });
 * console.assert(verdicts.integrity.outcome === "holds");
 * ```
 *
 * @module
 */

import type { DigestSighting, DigestSummary } from "../history/delivery_digest.ts";
import type { ProcessId } from "../protocols/process.ts";
import {
  deliveries,
  type DigestLog,
  digestLogs,
  type DigestRun,
  highestOf,
  isPlaced,
  leastDifferent,
  mostDifferent,
  sum,
} from "./digest_run.ts";
import type { Judgement } from "./judge.ts";
import { judgeDigestAgreement } from "./digest_agreement.ts";
import {
  holds,
  holdsUnless,
  inconclusive,
  type Property,
  type Sighting,
  type Verdict,
  violated,
} from "./verdict.ts";

/** Why so much is inconclusive. */
const NO_LOGS = "no logs were kept";

/** What is known of a run's disorder; null where digests can't tell. See `Measures`. */
export interface DigestMeasures {
  readonly compared: number;
  readonly messages: number | null;
  readonly rounds: number;
  readonly roundsOutOfOrder: number | null;
  readonly lost: number | null;
  readonly duplicated: number | null;
}

/** All that digests say about a run. */
export interface DigestJudgement
  extends Omit<Judgement, "measures" | "latencyMs" | "ownLatencyMs"> {
  readonly measures: DigestMeasures;
  /** No times of single messages are kept. */
  readonly latencyMs: null;
  readonly ownLatencyMs: null;
}

/** Judges a run by its digests, in time O(N³) for N processes. */
export function judgeDigests(run: DigestRun): DigestJudgement {
  const logs = digestLogs(run);
  const fifo = judgeFifo("fifo", logs);
  return {
    verdicts: {
      integrity: judgeIntegrity(run, logs),
      validity: judgeValidity(run, logs),
      agreement: judgeDigestAgreement(run, logs),
      fifo,
      causal: judgeCausal(run, logs),
      total: judgeTotal(run, logs),
      prefix: inconclusive("prefix", NO_LOGS),
      clock: inconclusive("clock", NO_LOGS),
    },
    measures: measureDigests(run, logs),
    latencyMs: null,
    ownLatencyMs: null,
    deliveredPerSecond: slowestRate(logs),
  };
}

// --- integrity

function judgeIntegrity(run: DigestRun, logs: readonly DigestLog[]): Verdict {
  if (logs.length === 0) return inconclusive("integrity", "there is no digest");
  let doubt: string | null = null;
  for (const log of logs) {
    const { process, digest: { firstRepeat, firstEarly } } = log;
    if (firstRepeat !== null) {
      const sentence = `process ${process} delivered ${nameOf(firstRepeat)} twice`;
      return violated("integrity", sentence, [sight(process, firstRepeat)]);
    }
    // One that it is not known to have multicast at all is looked at below.
    if (firstEarly !== null && firstEarly.seq <= log.digest.multicast) {
      const sentence = `process ${process} delivered its own ${
        nameOf(firstEarly)
      } before it multicast it`;
      return violated("integrity", sentence, [sight(process, firstEarly)]);
    }
    const unknown = findUnknown(run, log);
    if (unknown?.outcome === "violated") return unknown;
    doubt ??= unknown?.reason ?? (isPlaced(log.digest) ? null : describeUnplaced(log));
  }
  return holdsUnless("integrity", doubt);
}

/** Finds a delivery of what its sender is not known to have multicast. */
function findUnknown({ digests, incomplete }: DigestRun, { process, digest }: DigestLog) {
  let doubt: Verdict | null = null;
  for (const [sender, { highest }] of digest.senders.entries()) {
    const multicast = digests.get(sender)?.multicast ?? 0;
    if (highest <= multicast) continue;
    const message = `${sender}:${highest}`;
    if (incomplete.has(sender) || !digests.has(sender)) {
      doubt ??= inconclusive(
        "integrity",
        `process ${process} delivered ${message}, and process ${sender} left no complete digest ` +
          "to say whether it multicast it",
      );
      continue;
    }
    return violated(
      "integrity",
      `process ${process} delivered ${message}, which process ${sender} never multicast`,
      [], // Its position is not kept.
    );
  }
  return doubt;
}

function describeUnplaced({ process, digest }: DigestLog): string {
  const count = sum(digest.senders, ({ unplaced }) => unplaced);
  return `process ${process} delivered ${count} messages so late that they may have been there ` +
    "before";
}

// --- validity

function judgeValidity({ processes }: DigestRun, logs: readonly DigestLog[]): Verdict {
  if (logs.length === 0) return inconclusive("validity", "there is no digest");
  let doubt: string | null = null;
  for (const log of logs) {
    const { process, complete, digest: { multicast } } = log;
    const own = log.digest.senders[process]!;
    // Of what it did not multicast, nothing counts.
    const fewest = own.highest > multicast ? 0 : leastDifferent(own);
    if (fewest === multicast) continue;
    const most = mostDifferent(own);
    if (complete && most < multicast) {
      return violated(
        "validity",
        `process ${process} multicast ${multicast} messages and delivered ${most} of them`,
        own.highest < multicast ? [unseen(process, process, own.highest + 1)] : [],
      );
    }
    doubt ??= complete
      ? `process ${process} may not have delivered all of its ${multicast} messages`
      : `process ${process} did not come to the end and has not delivered all that it multicast`;
  }
  const missing = range(processes).find((p) => !logs.some(({ process }) => process === p));
  if (missing !== undefined) doubt ??= `process ${missing} left no digest`;
  return holdsUnless("validity", doubt);
}

// --- FIFO and causal order

function judgeFifo(property: Property, logs: readonly DigestLog[]): Verdict {
  if (logs.length === 0) return inconclusive(property, "there is no digest");
  for (const { process, digest: { firstSkip } } of logs) {
    if (firstSkip === null) continue;
    const { sender } = firstSkip;
    const sentence = `process ${process} delivered ${nameOf(firstSkip)} before or without one of ` +
      `the messages that process ${sender} multicast earlier`;
    return violated(property, sentence, [sight(process, firstSkip)]);
  }
  return holds(property); // No number was skipped: all others came in sequence, or again.
}

/** Messages of one sender depend on each other alone. */
function judgeCausal({ processes, digests }: DigestRun, logs: readonly DigestLog[]): Verdict {
  const fifo = judgeFifo("causal", logs);
  if (fifo.outcome !== "holds") return fifo;
  const multicasts = range(processes).map((p) => digests.get(p)?.multicast ?? 0);
  const isVouched = multicasts.every((count, p) => highestOf(p, logs) <= count);
  const isSingle = multicasts.filter((count) => count > 0).length <= 1;
  // What was delivered before it was multicast may be its own cause.
  const isEarly = logs.some(({ digest }) => digest.firstEarly !== null);
  return isVouched && isSingle && !isEarly ? fifo : inconclusive("causal", NO_LOGS);
}

// --- total order

function judgeTotal({ processes }: DigestRun, all: readonly DigestLog[]): Verdict {
  if (all.length < Math.min(2, Math.max(1, processes))) {
    return inconclusive("total", `there ${all.length === 0 ? "is no" : "is only one"} digest`);
  }
  // Who delivered nothing agrees with everybody.
  const [first, ...others] = all.filter(({ digest }) => deliveries(digest) > 0);
  if (first === undefined || others.length === 0) return holds("total");
  const late = [first, ...others].find(({ digest }) => !isPlaced(digest));
  if (late !== undefined) return inconclusive("total", describeUnplaced(late));
  const logs = [first, ...others];
  const pair = findReordered(logs);
  if (pair !== null) {
    const [a, b] = pair;
    const sentence = `processes ${a} and ${b} delivered the same messages in different orders`;
    return withProcesses(violated("total", sentence, []), pair);
  }
  const other = others.find(({ digest }) => digest.setHash !== first.digest.setHash);
  if (other === undefined) return holds("total");
  return inconclusive(
    "total",
    `processes ${first.process} and ${other.process} did not deliver the same messages, and ` +
      NO_LOGS,
  );
}

/** Finds two processes that delivered the same set, but not the same sequence. */
function findReordered(logs: readonly DigestLog[]): [ProcessId, ProcessId] | null {
  const firstOf = new Map<string, DigestLog>();
  for (const log of logs) {
    const { setHash, sequenceHash } = log.digest;
    const first = firstOf.get(setHash);
    if (first === undefined) firstOf.set(setHash, log);
    else if (first.digest.sequenceHash !== sequenceHash) return [first.process, log.process];
  }
  return null;
}

// --- measures

function measureDigests(run: DigestRun, logs: readonly DigestLog[]): DigestMeasures {
  const isKnown = logs.every(({ digest }) => isPlaced(digest));
  const messages = countMessages(run, logs);
  const total = messages === null ? null : sum(messages, (count) => count);
  const repeated = sum(logs, ({ digest }) => sum(digest.senders, (counts) => counts.repeated));
  const different = sum(logs, ({ digest }) => sum(digest.senders, leastDifferent));
  return {
    compared: logs.length,
    messages: total,
    rounds: Math.max(0, ...logs.map(({ digest }) => deliveries(digest))),
    roundsOutOfOrder: isKnown && areAlike(logs) ? 0 : null,
    lost: isKnown && total !== null ? logs.length * total - different : null,
    duplicated: isKnown ? repeated : null,
  };
}

/** How many messages each process multicast; null where that isn't known of all. Of a process
 * without a digest it is known where somebody delivered all up to the highest that anybody did. */
function countMessages({ processes, digests }: DigestRun, logs: readonly DigestLog[]) {
  const counts: number[] = [];
  for (const sender of range(processes)) {
    const highest = highestOf(sender, logs);
    const own = digests.get(sender);
    if (own !== undefined && highest > own.multicast) return null;
    const isCovered = highest === 0 || logs.some(({ digest }) => {
      const counted = digest.senders[sender]!;
      return counted.highest === highest && leastDifferent(counted) === highest;
    });
    if (own === undefined && !isCovered) return null;
    counts.push(own?.multicast ?? highest);
  }
  return counts;
}

/** Did all deliver the same sequence, and nothing twice? */
function areAlike(logs: readonly DigestLog[]): boolean {
  return logs.every(({ digest }) =>
    digest.firstRepeat === null && digest.sequenceHash === logs[0]!.digest.sequenceHash &&
    deliveries(digest) === deliveries(logs[0]!.digest)
  );
}

/** As `deliveredPerSecond` of journals, by the times of the first and the last delivery. */
function slowestRate(logs: readonly DigestLog[]): number | null {
  if (logs.every(({ digest }) => deliveries(digest) === 0)) return null;
  const rates = logs.flatMap(({ digest }) => rateOf(digest) ?? []);
  return rates.length === 0 ? null : Math.min(...rates);
}

function rateOf(digest: DigestSummary): number | null {
  const { firstAt, lastAt } = digest;
  if (firstAt === null || lastAt === null) return 0;
  return lastAt > firstAt ? (deliveries(digest) - 1) / (lastAt - firstAt) * 1000 : null;
}

// --- witnesses

function nameOf({ sender, seq }: DigestSighting): string {
  return `${sender}:${seq}`;
}

function sight(process: ProcessId, { sender, seq, position }: DigestSighting): Sighting {
  return { process, position, message: `${sender}:${seq}` };
}

function unseen(process: ProcessId, sender: ProcessId, seq: number): Sighting {
  return { process, position: -1, message: `${sender}:${seq}` };
}

/** A violation whose processes are known, and neither positions nor messages. */
function withProcesses(verdict: Verdict, processes: ProcessId[]): Verdict {
  return { ...verdict, witness: { ...verdict.witness!, processes } };
}

function range(count: number): ProcessId[] {
  return Array.from({ length: count }, (_, p) => p);
}
