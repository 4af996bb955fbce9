/**
 * What was wrong with a simulated run: properties that the order promised, liveness, and defects
 * that no history shows.
 *
 * @module
 */

import { judge, promised } from "../checkers/judge.ts";
import type { SimulationResult, Unfinished } from "../simulator/order_simulation.ts";

/** Something that must not happen. */
export interface Violation {
  /** One of the checkers' properties, `liveness`, or `defect`. */
  readonly property: string;
  /** One sentence without a full stop. */
  readonly witness: string;
}

/** Everything that was wrong with a run of `order`; empty if nothing was. */
export function findViolations(order: string, result: SimulationResult): Violation[] {
  const { verdicts } = judge(result.run);
  const violations: Violation[] = [];
  // Lamport's clock condition is promised by whoever has such a clock; others are inconclusive.
  for (const property of [...promised(order), "clock"] as const) {
    const { outcome, witness } = verdicts[property];
    if (outcome === "violated") violations.push({ property, witness: witness!.sentence });
  }
  for (const unfinished of stuck(result)) {
    violations.push({ property: "liveness", witness: describe(unfinished) });
  }
  for (const defect of result.defects) violations.push({ property: "defect", witness: defect });
  return violations;
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
