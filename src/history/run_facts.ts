/**
 * What is known about a run beside its journals: the content of `run.json`.
 *
 * ```json
 * {"processes":3,"incomplete":[2],"latencyOf":"last-delivery","seed":7}
 * ```
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { MAX_PROCESSES } from "./json_lines.ts";

/** To which delivery latency is measured: at the last process, or at the sender itself. */
export type LatencyOf = "last-delivery" | "own-delivery";

/** The facts about a run that its journals do not hold. */
export interface RunFacts {
  /** How many processes the group had. */
  readonly processes: number;
  /** The processes that did not come to the end of the run. */
  readonly incomplete: ReadonlySet<ProcessId>;
  /** `last-delivery` only where all clocks are those of one machine. */
  readonly latencyOf: LatencyOf;
  /** Anything else that the writer wants to keep: seed, interval, topology. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Writes facts as one line of JSON. Metadata can't override the other facts. */
export function formatRunFacts(facts: RunFacts): string {
  return JSON.stringify({
    ...facts.metadata,
    processes: facts.processes,
    incomplete: [...facts.incomplete].sort((a, b) => a - b),
    latencyOf: facts.latencyOf,
  }) + "\n";
}

/**
 * Reads facts back.
 *
 * @throws {SyntaxError} The text is not JSON, or not an object.
 * @throws {RangeError} A fact is missing or makes no sense.
 */
export function parseRunFacts(text: string): RunFacts {
  const { processes, incomplete, latencyOf, ...metadata } = parseObject(text);
  if (!isWhole(processes) || processes < 1 || processes > MAX_PROCESSES) {
    throw new RangeError(`"processes" is not a whole number from 1 to ${MAX_PROCESSES}`);
  }
  if (!Array.isArray(incomplete) || !incomplete.every((p) => isWhole(p) && p < processes)) {
    throw new RangeError(`"incomplete" is not a list of process numbers below ${processes}`);
  }
  if (latencyOf !== "last-delivery" && latencyOf !== "own-delivery") {
    throw new RangeError(`"latencyOf" is neither "last-delivery" nor "own-delivery"`);
  }
  return { processes, incomplete: new Set(incomplete), latencyOf, metadata };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError("Not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("Not a JSON object");
  }
  return value as Record<string, unknown>;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
