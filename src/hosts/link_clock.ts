/**
 * Time as link emulation needs it: a clock, a timer, and the next turn of the event loop. A test
 * puts virtual time in its place.
 *
 * @module
 */

import { clearTimeout, setImmediate, setTimeout } from "node:timers";

import type { Millis } from "../protocols/process.ts";

/** Tells the time and calls back. Callbacks never come from inside one of its own methods. */
export interface LinkClock {
  /** Milliseconds since some point; never goes back. */
  now(): Millis;
  /** Calls back once, about `afterMs` from now: a host's timers are a millisecond off either way. */
  startTimer(callback: () => void, afterMs: Millis): LinkTimer;
  /** Calls back once, in the next turn of the event loop: far sooner than any timer. */
  nextTurn(callback: () => void): void;
}

/** A timer that has been started. */
export interface LinkTimer {
  /** Makes sure that it doesn't call back any more. */
  stop(): void;
}

/**
 * What Deno's timers are late by on average, in milliseconds. They count whole milliseconds: one
 * asked for n (1 at least) fires n + 0.1 to n + 1.1 ms later, depending on where between two ticks
 * it was started. Measured on Deno 2.9.6.
 */
const TIMER_LATE_MS = 0.6;

/** The longest time that a JavaScript timer can wait; beyond it, it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of this machine. A timer that was started keeps the program running. */
export const SYSTEM_CLOCK: LinkClock = {
  now: () => performance.now(),
  startTimer(callback, afterMs) {
    const wholeMs = Math.round(afterMs - TIMER_LATE_MS);
    const timer = setTimeout(callback, Math.min(Math.max(wholeMs, 0), LONGEST_TIMER_MS));
    return { stop: () => clearTimeout(timer) };
  },
  nextTurn: (callback) => void setImmediate(callback),
};
