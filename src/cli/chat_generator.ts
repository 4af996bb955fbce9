/**
 * Lines at random times: a Poisson process, as in the original program.
 *
 * @module
 */

import { type LinkClock, type LinkTimer, SYSTEM_CLOCK } from "../hosts/link_clock.ts";
import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import { randomLine } from "./chat_words.ts";

/** What is late by more than this, since the machine slept or the process was stopped, isn't made
 * up for: nobody wants an hour's lines at once. */
const LATE_MS: Millis = 1000;

/** Says lines until it is stopped. Pauses between lines are exponential, so that what comes doesn't
 * depend on what came before. */
export class ChatGenerator {
  readonly #random: Random;
  readonly #say: (line: string) => void;
  readonly #clock: LinkClock;
  readonly #draw: (random: Random) => string;
  #meanPauseMs: Millis = Infinity;
  #due: Millis = 0;
  /** Invariant: there is one exactly while the generator runs. */
  #timer: LinkTimer | undefined;

  /** A generator that doesn't run yet. What it says and the pauses come from `random` alone.
   *
   * @param draw Makes a line; a few words unless told otherwise. */
  constructor(
    random: Random,
    say: (line: string) => void,
    clock: LinkClock = SYSTEM_CLOCK,
    draw: (random: Random) => string = randomLine,
  ) {
    this.#random = random;
    this.#say = say;
    this.#clock = clock;
    this.#draw = draw;
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Begins, with so many lines a second on average (above 0); does nothing if it runs. */
  start(perSecond: number): void {
    if (this.isRunning) return;
    this.#meanPauseMs = 1000 / perSecond;
    this.#schedule(this.#clock.now());
  }

  /** Says nothing from now on. */
  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #schedule(from: Millis): void {
    this.#due = from + this.#random.exponential(this.#meanPauseMs);
    const afterMs = Math.max(0, this.#due - this.#clock.now());
    this.#timer = this.#clock.startTimer(() => this.#onTimer(), afterMs);
  }

  #onTimer(): void {
    const now = this.#clock.now();
    // From the time at which it was due, not from now: timers are late, and the rate must hold.
    this.#schedule(now - this.#due > LATE_MS ? now : this.#due);
    this.#say(this.#draw(this.#random));
  }
}
