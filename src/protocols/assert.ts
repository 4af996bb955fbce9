/**
 * Invariants that are checked while the program runs. A broken one is a defect of ours, never of
 * the input: it crashes at once, near its cause, instead of delivering in the wrong order later.
 *
 * ```ts
 * import { assert } from "./assert.ts";
 *
 * const first: number | undefined = [7][0];
 * assert(first !== undefined, "the list has a first element");
 * console.assert(first + 1 === 8);
 * ```
 *
 * @module
 */

/** An invariant of this program does not hold. Nobody catches it but the test runner. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

/**
 * Goes on only if the condition holds.
 *
 * @param message What should hold, as a statement: "acknowledgements never go back".
 * @throws {BrokenInvariant} If it doesn't.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BrokenInvariant(message);
}
