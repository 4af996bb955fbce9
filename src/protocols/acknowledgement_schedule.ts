/**
 * When a process tells the others what it has received.
 *
 * Where deliveries wait for acknowledgements, these go to everybody, and soon: they wait for others,
 * or for data to ride on, for a small share of the slowest round trip. Where no delivery waits for
 * them, they are patient, and go to those alone who need them to free their windows.
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** An acknowledgement that deliveries wait for is put off by this share of the slowest round trip: it
 * delays them by 3 %, and saves most acknowledgements of a busy group. */
const DELAY = 1 / 32;

/** It is never put off for longer. */
const MAX_DELAY_MS: Millis = 10;

/** Below this it isn't put off at all: timers are no finer, and a short path wants prompt answers. */
const MIN_DELAY_MS: Millis = 1;

/** So many segments are acknowledged at once: who sends fast waits for room in its window. */
const MAX_UNACKNOWLEDGED = 16;

/** A patient acknowledgement waits so long for data to ride on. A sender that wants it earlier says so.
 * (QUIC's max_ack_delay, RFC 9000, 18.2.) */
export const PATIENCE_MS: Millis = 25;

/** What is to be told, and when. */
export class AcknowledgementSchedule {
  /** How long acknowledgements may take, here and at all others; 0 where deliveries wait for them. */
  readonly patienceMs: Millis;
  #deadline: Millis = Infinity;
  /** Segments accepted since everybody heard what is here. */
  #untold = 0;

  constructor(patienceMs: Millis) {
    this.patienceMs = patienceMs;
  }

  /** When the others should hear what is here; Infinity if they have. */
  get deadline(): Millis {
    return this.#deadline;
  }

  /** Are only those to be told whose segments have come? */
  get isForOrigins(): boolean {
    return this.patienceMs > 0 && this.#deadline !== -Infinity;
  }

  /** A segment has been accepted. `slowestRoundTripMs` is asked if need be: 0 while one is unknown. */
  accepted(now: Millis, slowestRoundTripMs: () => Millis): void {
    this.#untold++;
    if (this.patienceMs > 0) {
      this.#deadline = Math.min(this.#deadline, now + this.patienceMs);
    } else if (this.#untold >= MAX_UNACKNOWLEDGED) {
      this.hurry();
    } else if (this.#deadline === Infinity) {
      this.#deadline = now + delayMs(slowestRoundTripMs());
    }
  }

  /** Everybody is to hear it at once. */
  hurry(): void {
    this.#deadline = -Infinity;
  }

  /** Whoever was to hear it has. */
  told(): void {
    this.#deadline = Infinity;
    this.#untold = 0;
  }
}

function delayMs(roundTripMs: Millis): Millis {
  const delay = roundTripMs * DELAY;
  return delay < MIN_DELAY_MS ? 0 : Math.min(delay, MAX_DELAY_MS);
}
