/**
 * Virtual time: what is to be done next is done at once, and the clock jumps to it.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { EventQueue, type Micros } from "./event_queue.ts";
import { TraceHash } from "./trace_hash.ts";

/** A clock, and what is to be done when. */
export class VirtualTime {
  readonly #queue = new EventQueue<() => void>();
  readonly #hash = new TraceHash();
  #now: Micros = 0;
  #events = 0;

  /** The time since the beginning. */
  get nowMs(): Millis {
    return this.#now / 1000;
  }

  /** How much was done. */
  get events(): number {
    return this.#events;
  }

  /** Of everything that was done, and of what was noted. */
  get traceHash(): string {
    return this.#hash.hex;
  }

  /** Does something after a while; times are rounded to microseconds. */
  after(delayMs: Millis, action: () => void): void {
    this.#queue.push(this.#now + Math.max(0, Math.round(delayMs * 1000)), action);
  }

  /** Does something at a time, or now if it is over. */
  at(timeMs: Millis, action: () => void): void {
    this.after(timeMs - this.nowMs, action);
  }

  /** Takes a number into the trace. */
  note(value: number): void {
    this.#hash.add(value);
  }

  /** Does what comes next. Returns false if there is nothing left to do. */
  step(): boolean {
    const { nextTime } = this.#queue;
    if (nextTime === Infinity) return false;
    this.#now = nextTime;
    this.#events++;
    this.#hash.add(nextTime);
    this.#queue.pop()();
    return true;
  }
}
