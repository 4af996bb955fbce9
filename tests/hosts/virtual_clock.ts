/**
 * Virtual time for link emulation: nothing sleeps, and hours pass in no time.
 *
 * @module
 */

import assert from "node:assert/strict";

import type { LinkClock, LinkTimer } from "../../src/hosts/link_clock.ts";
import type { Millis } from "../../src/protocols/process.ts";

/** What a turn of the event loop takes, and a timer at least, in milliseconds. */
const TURN_MS = 0.01;

interface Callback {
  readonly at: Millis;
  readonly call: () => void;
}

/** A clock that stands still until the test lets time pass. */
export class VirtualClock implements LinkClock {
  /** How often a timer or a turn called back. */
  timerCalls = 0;
  turnCalls = 0;
  /** By how much timers are off; the test may change it. */
  timerErrorMs = 0;
  #now = 1000;
  readonly #pending = new Set<Callback>();

  now(): Millis {
    return this.#now;
  }

  startTimer(callback: () => void, afterMs: Millis): LinkTimer {
    assert.ok(afterMs >= 0 && afterMs < Infinity, `a timer of ${afterMs} ms`);
    return this.#add(Math.max(TURN_MS, afterMs + this.timerErrorMs), () => {
      this.timerCalls++;
      callback();
    });
  }

  nextTurn(callback: () => void): void {
    this.#add(TURN_MS, () => {
      this.turnCalls++;
      callback();
    });
  }

  /** How many callbacks are awaited. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Lets time pass, and calls back all that asked for it on the way. */
  pass(ms: Millis): void {
    const end = this.#now + ms;
    this.#callUntil(end);
    this.#now = end;
  }

  /** Lets time pass until nobody asks to be called back any more. */
  settle(): void {
    this.#callUntil(Infinity);
  }

  #callUntil(end: Millis): void {
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#now = next.at;
      this.#pending.delete(next);
      next.call();
    }
  }

  #add(afterMs: Millis, call: () => void): LinkTimer {
    const callback = { at: this.#now + afterMs, call };
    this.#pending.add(callback);
    return { stop: () => void this.#pending.delete(callback) };
  }

  #next(): Callback | undefined {
    let earliest: Callback | undefined;
    for (const callback of this.#pending) {
      if (earliest === undefined || callback.at < earliest.at) earliest = callback;
    }
    return earliest;
  }
}
