/**
 * Whether everybody is served within one rotation once all is well.
 *
 * @module
 */

import type { LockAsked, LockGranted, RingEvent, RingHistory } from "../../history/ring_history.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { formatTime, type RingViolation } from "./verdict.ts";

/** Who waits, and how often the token has come to each node since. */
interface Waiter {
  readonly asked: LockAsked;
  readonly arrivals: number[];
}

/**
 * Checks that while somebody waits, the token comes to no node twice, and that where it is meanwhile nobody
 * is served who has begun to wait after it came and after it was known that others wait.
 */
export function checkRotation(history: RingHistory): RingViolation | null {
  const rotation = new Rotation(history);
  for (const event of history.events) {
    const witness = rotation.take(event);
    if (witness !== null) return { property: "rotation", witness };
  }
  return null;
}

class Rotation {
  readonly #history: RingHistory;
  readonly #waiters = new Map<number, Waiter>();
  /** When the token came to each node the last time. */
  readonly #arrivedAt: number[];

  constructor(history: RingHistory) {
    this.#history = history;
    this.#arrivedAt = new Array<number>(history.nodes).fill(-Infinity);
  }

  /** Looks at the next event. Returns what is wrong with it, or null. */
  take(event: RingEvent): string | null {
    switch (event.event) {
      case "asked":
        this.#waiters.set(event.request, { asked: event, arrivals: this.#noArrivals() });
        return null;
      case "withdrawn":
        this.#waiters.delete(event.request);
        return null;
      case "granted":
        return this.#granted(event);
      case "arrived":
        this.#arrivedAt[event.node] = event.at;
        return event.at < this.#history.settledAt ? null : this.#arrived(event.node, event.at);
      case "ended":
        return null;
    }
  }

  #arrived(node: ProcessId, at: number): string | null {
    for (const { asked, arrivals } of this.#waiters.values()) {
      if (++arrivals[node]! < 2) continue;
      return `the token came to node ${node} a second time at ${formatTime(at)}, while node ` +
        `${asked.node} waited for it since ${formatTime(asked.at)}`;
    }
    return null;
  }

  #granted({ request, node, at }: LockGranted): string | null {
    const { asked } = this.#waiters.get(request)!;
    this.#waiters.delete(request);
    if (asked.at <= this.#arrivedAt[node]!) return null;
    for (const { asked: other } of this.#waiters.values()) {
      const since = Math.max(other.at, this.#history.settledAt);
      if (other.node === node || since + this.#history.noticeMs >= asked.at) continue;
      return `node ${node} got the lock at ${formatTime(at)} for who had asked at ` +
        `${formatTime(asked.at)}, when the token was there and node ${other.node} had waited for ` +
        `it since ${formatTime(other.at)}`;
    }
    return null;
  }

  #noArrivals(): number[] {
    return new Array<number>(this.#history.nodes).fill(0);
  }
}
