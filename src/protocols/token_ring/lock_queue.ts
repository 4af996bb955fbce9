/**
 * The requests for the lock at one node: served in their order, and all that wait when the token comes
 * before it goes on.
 *
 * @module
 */

import type { LockRequest } from "./outbox.ts";

/** Requests that wait. */
export class LockQueue {
  #waiting: LockRequest[] = [];
  /** How many of them are served before the token goes on. */
  #served = 0;

  /** Whether somebody waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** The next request to be served during this visit of the token; null if it may go on. */
  get next(): LockRequest | null {
    return this.#served > 0 ? this.#waiting[0]! : null;
  }

  /** Whether a request waits. */
  has(request: LockRequest): boolean {
    return this.#waiting.includes(request);
  }

  /** Waits. */
  add(request: LockRequest): void {
    this.#waiting.push(request);
  }

  /** Waits no more. */
  remove(request: LockRequest): void {
    const place = this.#waiting.indexOf(request);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    if (place < this.#served) this.#served--;
  }

  /** All that wait now are served before the token goes on. */
  serveAll(): void {
    this.#served = this.#waiting.length;
  }

  /** Takes the next one. */
  take(): LockRequest {
    this.#served--;
    return this.#waiting.shift()!;
  }

  /** All that wait, who will not be served. */
  clear(): LockRequest[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#served = 0;
    return all;
  }
}
