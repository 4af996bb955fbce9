/**
 * What was wrong with a simulated run: properties that the order promised, liveness, and defects
 * that no history shows.
 *
 * @module
 */

import { judge, promised } from "../checkers/judge.ts";
import type { Property } from "../checkers/verdict.ts";
import { REPORTED_PROPERTIES } from "../report/run_event.ts";
import type { SimulationResult, Unfinished } from "../simulator/order_simulation.ts";

/** Something that must not happen. */
export interface Violation {
  /** One of the checkers' properties, `liveness`, or `defect`. */
  readonly property: string;
  /** One sentence without a full stop. */
  readonly witness: string;
}

/** What is to be said of a run; of each property at most one violation. */
export interface SimulationVerdict {
  /** What was demanded and does not hold. */
  readonly violations: readonly Violation[];
  /** What does not hold either, but nobody demanded it. */
  readonly notDemanded: readonly Violation[];
}

/** Judges a run by the properties that are demanded. Liveness, the absence of defects and Lamport's
 * clock condition always are: whoever has such a clock promises it, of others nothing is known. */
export function judgeSimulation(
  result: SimulationResult,
  demanded: readonly Property[],
): SimulationVerdict {
  const { verdicts } = judge(result.run);
  const violations: Violation[] = [];
  const notDemanded: Violation[] = [];
  for (const property of [...REPORTED_PROPERTIES, "clock"] as const) {
    const { outcome, witness } = verdicts[property];
    if (outcome !== "violated") continue;
    const isDemanded = property === "clock" || demanded.includes(property);
    (isDemanded ? violations : notDemanded).push({ property, witness: witness!.sentence });
  }
  const [unfinished, ...others] = stuck(result);
  if (unfinished !== undefined) {
    const witness = describe(unfinished) + alsoStuck(others);
    violations.push({ property: "liveness", witness });
  }
  if (result.defects.length > 0) {
    violations.push({ property: "defect", witness: result.defects.join("; ") });
  }
  return { violations, notDemanded };
}

/** Everything that was wrong with a run of `order`; empty if nothing was. */
export function findViolations(order: string, result: SimulationResult): readonly Violation[] {
  return judgeSimulation(result, promised(order)).violations;
}

/** The processes that did not come to their end although no crash keeps them from it. A crash does
 * so also by way of others: where some of them lack what the crashed one sent, and nobody else can
 * send it, all wait for them. */
function stuck({ crashed, unfinished }: SimulationResult): Unfinished[] {
  const excused = new Set(crashed);
  for (let before = -1; before < excused.size;) {
    before = excused.size;
    for (const { process, waitingFor } of unfinished) {
      if (waitingFor.some((p) => excused.has(p))) excused.add(process);
    }
  }
  return unfinished.filter(({ process }) => !excused.has(process));
}

function describe({ process, state, waitingFor }: Unfinished): string {
  const what = waitingFor.length === 0
    ? "waits for nobody"
    : `waits for process ${waitingFor.join(", ")}`;
  return `process ${process} did not come to its end in time after the network had healed: it is ` +
    `in the state "${state}" and ${what}`;
}

function alsoStuck(others: readonly Unfinished[]): string {
  if (others.length === 0) return "";
  return `; nor did process ${others.map(({ process }) => process).join(", ")}`;
}
