/**
 * From a run and its judgement to what is printed.
 *
 * @module
 */

import { firstBroken, type Judgement, type LatencyOf, promised } from "../checkers/judge.ts";
import type { Property, Verdict, Witness } from "../checkers/verdict.ts";
import {
  REPORTED_PROPERTIES,
  type ReportedOutcome,
  type ReportedProperty,
  type RunEvent,
} from "../report/run_event.ts";
import type { Terminal } from "./terminal.ts";

/** What is known of a run beside its judgement. */
export interface RunDescription {
  readonly order: string;
  readonly peers: number;
  readonly messagesPerPeer: number;
  readonly latencyOf: LatencyOf;
  readonly traffic?: { readonly datagrams: number; readonly bytes: number };
  /** Whether processes multicast as fast as they could, so that the rate means something. */
  readonly measuresRate: boolean;
}

/** The judgement of a run in which processes delivered payloads that nobody had multicast. The logs
 * don't show it; integrity is violated all the same. */
export function withCorruption(
  judgement: Judgement,
  corrupted: ReadonlyMap<number, number>,
): Judgement {
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
export function runEvent(description: RunDescription, judgement: Judgement): RunEvent {
  const { verdicts, measures, latencyMs, deliveredPerSecond } = judgement;
  const { order, traffic, measuresRate, ...rest } = description;
  const promises = promised(order) as readonly ReportedProperty[];
  return {
    event: "run",
    order,
    peers: rest.peers,
    messagesPerPeer: rest.messagesPerPeer,
    messages: measures.messages,
    rounds: measures.rounds,
    roundsOutOfOrder: measures.roundsOutOfOrder,
    lost: measures.lost,
    duplicated: measures.duplicated,
    properties: Object.fromEntries(
      REPORTED_PROPERTIES.map((property) => [property, verdicts[property].outcome]),
    ) as Record<ReportedProperty, ReportedOutcome>,
    promised: promises,
    latencyMs: latencyMs === null ? null : {
      p50: tenth(latencyMs.p50),
      p99: tenth(latencyMs.p99),
      max: tenth(latencyMs.max),
    },
    latencyOf: rest.latencyOf,
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
export function explainVerdicts(order: string, judgement: Judgement, terminal: Terminal): void {
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
function firstWitness({ verdicts }: Judgement): Witness | null {
  for (const property of REPORTED_PROPERTIES.toReversed()) {
    if (verdicts[property].witness !== null) return verdicts[property].witness;
  }
  return null;
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
