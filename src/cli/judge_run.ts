/**
 * From a run and its judgement to what is printed.
 *
 * @module
 */

import { firstBroken, type Judgement, type LatencyOf, promised } from "../checkers/judge.ts";
import type { DigestJudgement } from "../checkers/judge_digests.ts";
import type { Percentiles } from "../checkers/latency.ts";
import type { Property, Verdict, Witness } from "../checkers/verdict.ts";
import {
  REPORTED_PROPERTIES,
  type ReportedOutcome,
  type ReportedProperty,
  type RunEvent,
} from "../report/run_event.ts";
import type { Terminal } from "./terminal.ts";

/** What was found out about a run, by its journals or by digests. */
export type Judged = Judgement | DigestJudgement;

/** What is known of a run beside its judgement. */
export interface RunDescription {
  readonly order: string;
  readonly peers: number;
  readonly messagesPerPeer: number;
  /** How many of the peers multicast; absent where all do. */
  readonly senders?: number;
  /** Whether logs were kept; they were unless told otherwise. */
  readonly log?: "full" | "none";
  readonly latencyOf: LatencyOf;
  readonly traffic?: { readonly datagrams: number; readonly bytes: number };
  /** Whether processes multicast as fast as they could, so that the rate means something. */
  readonly measuresRate: boolean;
}

/** The judgement of a run in which processes delivered payloads that nobody had multicast. The logs
 * don't show it; integrity is violated all the same. */
export function withCorruption(
  judgement: Judged,
  corrupted: ReadonlyMap<number, number>,
): Judged {
  if (corrupted.size === 0) return judgement;
  const sentence = [...corrupted].map(([process, count]) =>
    `process ${process} delivered ${count} messages with another payload than was multicast`
  ).join(", ");
  const integrity: Verdict = {
    property: "integrity",
    outcome: "violated",
    witness: {
      property: "integrity",
      sentence,
      processes: [...corrupted.keys()],
      positions: [],
      messages: [],
    },
    reason: null,
  };
  return { ...judgement, verdicts: { ...judgement.verdicts, integrity } };
}

/** The JSON object of a run. */
export function runEvent(description: RunDescription, judgement: Judged): RunEvent {
  const { verdicts, measures, latencyMs, ownLatencyMs, deliveredPerSecond } = judgement;
  const { order, traffic, measuresRate, ...rest } = description;
  const promises = promised(order) as readonly ReportedProperty[];
  // Of nothing, everything could be said.
  const hasBegun = measures.messages !== 0 || rest.messagesPerPeer === 0;
  return {
    event: "run",
    order,
    peers: rest.peers,
    messagesPerPeer: rest.messagesPerPeer,
    ...(rest.senders === undefined ? {} : { senders: rest.senders }),
    ...(rest.log === "none" ? { log: rest.log } : {}),
    messages: measures.messages,
    rounds: measures.rounds,
    roundsOutOfOrder: measures.roundsOutOfOrder,
    lost: measures.lost,
    duplicated: measures.duplicated,
    properties: Object.fromEntries(
      REPORTED_PROPERTIES.map((property) => [
        property,
        hasBegun ? verdicts[property].outcome : "inconclusive",
      ]),
    ) as Record<ReportedProperty, ReportedOutcome>,
    promised: promises,
    latencyMs: rounded(latencyMs, 10),
    latencyOf: rest.latencyOf,
    ownLatencyMs: rounded(ownLatencyMs, 1000),
    datagrams: traffic?.datagrams ?? null,
    bytes: traffic?.bytes ?? null,
    ...(measuresRate
      ? { deliveredPerSecond: deliveredPerSecond === null ? null : Math.round(deliveredPerSecond) }
      : {}),
    witness: firstBroken(promises, judgement)?.witness ?? firstWitness(judgement),
  };
}

/** Explains each property that is violated, and why one could not be judged although promised.
 * Lamport's clock condition is not among the reported properties, but a breach is a defect. */
export function explainVerdicts(order: string, judgement: Judged, terminal: Terminal): void {
  const promises: readonly Property[] = promised(order);
  for (const property of [...REPORTED_PROPERTIES, "clock"] as const) {
    const { outcome, witness, reason } = judgement.verdicts[property];
    const isPromised = promises.includes(property);
    if (outcome === "violated" && witness !== null) {
      const not = isPromised ? "although promised" : "not promised";
      terminal.say(`${order}: ${property} is violated (${not}): ${witness.sentence}.`);
    } else if (outcome === "inconclusive" && isPromised && reason !== null) {
      terminal.say(`${order}: ${property} can't be judged: ${reason}.`);
    }
  }
}

/** Of an order that promised none of what broke: the strongest property that did. */
function firstWitness({ verdicts }: Judged): Witness | null {
  for (const property of REPORTED_PROPERTIES.toReversed()) {
    if (verdicts[property].witness !== null) return verdicts[property].witness;
  }
  return null;
}

/** In steps of a millisecond's `parts`th part. */
function rounded(latency: Percentiles | null, parts: number): Percentiles | null {
  if (latency === null) return null;
  const round = (ms: number) => Math.round(ms * parts) / parts;
  return { p50: round(latency.p50), p99: round(latency.p99), max: round(latency.max) };
}
