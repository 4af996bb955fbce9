/**
 * When a process of an experiment multicasts: at random intervals, from a seeded generator, and
 * where it is told so not before it has delivered what it multicast earlier.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";

/** A process that could not multicast for a while does not make good for more than this. */
const MAX_ARREARS_MS = 50;

/** What is to be multicast. */
export interface WorkloadOptions {
  readonly seed: number;
  readonly process: ProcessId;
  /** How many messages. */
  readonly messages: number;
  /** The pause before each is drawn evenly from this range; 0 and 0 means no pause. */
  readonly intervalMinMs: Millis;
  readonly intervalMaxMs: Millis;
  /** How many own messages may be multicast and not yet delivered here; null for any number. */
  readonly outstanding: number | null;
}

/** The schedule of one process's multicasts. */
export class Workload {
  readonly #options: WorkloadOptions;
  readonly #random: Random;
  #left: number;
  /** Own messages multicast and not yet delivered here: never more than `outstanding`. */
  #undelivered = 0;
  #nextAt: Millis = Infinity;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#random = new Random([options.seed, options.process, 0x776f726b]);
    this.#left = options.messages;
  }

  /** How many messages are still to be multicast. */
  get left(): number {
    return this.#left;
  }

  /** When the next one is due: Infinity before {@linkcode begin}, after the last, and while as many
   * as are allowed wait for their delivery. */
  get nextAt(): Millis {
    const { outstanding } = this.#options;
    const isFull = outstanding !== null && this.#undelivered >= outstanding;
    return this.#left === 0 || isFull ? Infinity : this.#nextAt;
  }

  /** The group is ready: the first pause begins. */
  begin(now: Millis): void {
    this.#nextAt = now + this.#pause();
  }

  /** One message is being multicast. */
  take(now: Millis): void {
    this.#left--;
    this.#undelivered++;
    this.#nextAt = Math.max(this.#nextAt, now - MAX_ARREARS_MS) + this.#pause();
  }

  /** This process has delivered one of its own messages. */
  delivered(): void {
    this.#undelivered--;
  }

  #pause(): Millis {
    const { intervalMinMs, intervalMaxMs } = this.#options;
    return this.#random.between(intervalMinMs, intervalMaxMs);
  }
}
