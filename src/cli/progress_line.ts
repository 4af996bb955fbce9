/**
 * How far a run has come, on one line.
 *
 * @module
 */

import type { RunProgress } from "../hosts/comparison.ts";

/** Everybody waits for somebody at any moment; it is news when nothing has moved for so long. */
const STANDSTILL_MS = 1000;

/** So many awaited processes are named. */
const MAX_NAMED = 5;

/** Describes one run. */
export class ProgressLine {
  readonly #order: string;
  readonly #multicasts: number;
  readonly #deliveries: number;
  readonly #now: () => number;
  #delivered = -1;
  #movedAt: number;

  /** For `processes` that multicast `messages` in all; `now` is a clock in milliseconds. */
  constructor(
    order: string,
    processes: number,
    messages: number,
    now: () => number = () => performance.now(),
  ) {
    this.#order = order;
    this.#multicasts = messages;
    this.#deliveries = processes * messages;
    this.#now = now;
    this.#movedAt = now();
  }

  /** The line for the present state. */
  describe({ multicast, delivered, awaited }: RunProgress): string {
    if (delivered !== this.#delivered) {
      this.#delivered = delivered;
      this.#movedAt = this.#now();
    }
    const line = `${this.#order}: ${multicast} of ${this.#multicasts} multicast, ${delivered} of ` +
      `${this.#deliveries} delivered`;
    if (this.#now() - this.#movedAt < STANDSTILL_MS || awaited.size === 0) return line;
    const most = [...awaited].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MAX_NAMED);
    return `${line}, waiting for process ${most.map(([process]) => process).join(", ")}`;
  }
}
