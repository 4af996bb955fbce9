/**
 * Vector clocks (Fidge 1988; Mattern 1989): for each process, how much of what it did has been seen
 * here.
 *
 * @module
 */

import type { ProcessId } from "./process.ts";

/**
 * Counts each process's segments that have been delivered. Entries only grow.
 *
 * ```ts
 * import { VectorClock } from "./vector_clock.ts";
 *
 * const clock = new VectorClock(3);
 * clock.advance(1, 4);
 * console.assert(clock.covers(1, 3) && !clock.covers(2, 1));
 * ```
 */
export class VectorClock {
  readonly #entries: Uint32Array;

  /** For a group of `size` processes, of which nothing has been seen yet. */
  constructor(size: number) {
    this.#entries = new Uint32Array(size);
  }

  /** The last segment of p that has been delivered; 0 for none. */
  at(p: ProcessId): number {
    return this.#entries[p]!;
  }

  /** Segment `seq` of p has been delivered, and with it all before. */
  advance(p: ProcessId, seq: number): void {
    this.#entries[p] = seq;
  }

  /** Has segment `seq` of p been delivered? */
  covers(p: ProcessId, seq: number): boolean {
    return this.#entries[p]! >= seq;
  }
}
