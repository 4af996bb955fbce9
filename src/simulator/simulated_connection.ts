/**
 * A connection as TCP gives it: in order, without loss, until it is closed or breaks. Who closes it
 * has said what it had said; when it breaks, what is under way is lost, and both sides notice sooner
 * or later.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { PersistentFaultCounts, PersistentFaults } from "./persistent_faults.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** Who notices a broken connection does so within this time. */
const NOTICE_MAX_MS: Millis = 200;

/** What happens to one side of a connection. Nothing does after `closed`, nor after it has closed the
 * connection itself. */
export interface ConnectionEnd<In> {
  receive(message: In): void;
  closed(): void;
}

/** Where connections are made. */
export class SimulatedInternet {
  readonly time: VirtualTime;
  readonly counts: PersistentFaultCounts;
  readonly #random: Random;
  #faults: PersistentFaults;

  constructor(
    time: VirtualTime,
    random: Random,
    faults: PersistentFaults,
    counts: PersistentFaultCounts,
  ) {
    this.time = time;
    this.#random = random;
    this.#faults = faults;
    this.counts = counts;
  }

  /** From now on nothing breaks. */
  heal(): void {
    this.#faults = { ...this.#faults, breakRate: 0 };
  }

  /** The time that the next message takes. */
  delayMs(): Millis {
    const { delayMinMs, delayMeanMs } = this.#faults;
    if (delayMeanMs <= delayMinMs) return delayMinMs;
    return delayMinMs + this.#random.exponential(delayMeanMs - delayMinMs);
  }

  /** Whether the connection breaks on this occasion; if so, after how long. */
  breaksAfterMs(): Millis | null {
    if (!this.#random.chance(this.#faults.breakRate)) return null;
    return this.#random.between(0, 2 * this.#faults.delayMeanMs + 1);
  }

  /** When a side notices that its connection is broken. */
  noticeMs(): Millis {
    return this.#random.between(0, NOTICE_MAX_MS);
  }
}

/** One side's state, and what is under way to it. */
interface Side<In> {
  readonly end: ConnectionEnd<In>;
  /** What comes next to it doesn't come before this. */
  nextMs: Millis;
  isOver: boolean;
}

/** A connection between a caller and a callee. */
export class SimulatedConnection<ToCaller, ToCallee> {
  readonly #net: SimulatedInternet;
  readonly #caller: Side<ToCaller>;
  readonly #callee: Side<ToCallee>;
  #isBroken = false;

  constructor(
    net: SimulatedInternet,
    caller: ConnectionEnd<ToCaller>,
    callee: ConnectionEnd<ToCallee>,
  ) {
    this.#net = net;
    this.#caller = { end: caller, nextMs: 0, isOver: false };
    this.#callee = { end: callee, nextMs: 0, isOver: false };
  }

  /** The caller says something. */
  call(message: ToCallee): void {
    this.#send(this.#caller, this.#callee, message);
  }

  /** The callee says something. */
  answer(message: ToCaller): void {
    this.#send(this.#callee, this.#caller, message);
  }

  /** The caller, or its machine, closes it. */
  hangUp(): void {
    this.#close(this.#caller, this.#callee);
  }

  /** The callee, or its machine, closes it. */
  end(): void {
    this.#close(this.#callee, this.#caller);
  }

  /** What is under way is lost. */
  break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    for (const side of [this.#caller, this.#callee]) {
      this.#net.time.after(this.#net.noticeMs(), () => this.#finish(side));
    }
  }

  #send<In>(from: Side<unknown>, to: Side<In>, message: In): void {
    if (from.isOver) return;
    const breaksAfterMs = this.#net.breaksAfterMs();
    if (breaksAfterMs !== null) {
      this.#net.counts.broken++;
      this.#net.time.after(breaksAfterMs, () => this.break());
    }
    this.#arrive(to, () => to.end.receive(message));
  }

  #close(from: Side<unknown>, to: Side<unknown>): void {
    if (from.isOver) return;
    from.isOver = true;
    this.#arrive(to, () => this.#finish(to));
  }

  #arrive(to: Side<unknown>, what: () => void): void {
    const { time } = this.#net;
    to.nextMs = Math.max(to.nextMs, time.nowMs + this.#net.delayMs());
    time.at(to.nextMs, () => {
      if (!this.#isBroken && !to.isOver) what();
    });
  }

  #finish(side: Side<unknown>): void {
    if (side.isOver) return;
    side.isOver = true;
    side.end.closed();
  }
}
