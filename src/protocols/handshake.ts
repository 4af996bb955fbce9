/**
 * The handshake: when it is done, every process is known to have heard from every other.
 *
 * Each process says hello to each, again and again, until it has heard from all; then it says so.
 * A process that knows this of everybody may multicast: every link has carried something both ways.
 * Hellos may come twice or late, which changes nothing, and data of a process that began earlier
 * counts as its hello.
 *
 * @module
 */

import { Frame, FrameFlag, FrameKind } from "./frame.ts";
import type { FrameOutbox } from "./outbox.ts";
import type { Millis, ProcessId } from "./process.ts";

/** The first hello is repeated after this time, and then less and less often. */
const FIRST_RETRY_MS = 20;

/** Hellos are never further apart, so that a late process doesn't wait longer. */
const MAX_RETRY_MS = 250;

/** One process's part in the handshake. */
export class Handshake {
  readonly #self: ProcessId;
  readonly #outbox: FrameOutbox;
  readonly #frame: Frame;
  readonly #heard: boolean[];
  /** These have said that they have heard from all. */
  readonly #ready: boolean[];
  #heardAll = false;
  #done = false;
  #retryMs = FIRST_RETRY_MS;
  #retryAt = -Infinity;

  constructor(self: ProcessId, size: number, outbox: FrameOutbox) {
    this.#self = self;
    this.#outbox = outbox;
    this.#frame = new Frame(size);
    this.#frame.kind = FrameKind.hello;
    this.#frame.from = self;
    this.#heard = new Array(size).fill(false);
    this.#ready = new Array(size).fill(false);
    this.#heard[self] = this.#ready[self] = true;
    this.#update();
  }

  /** Has every process heard from every other? */
  get done(): boolean {
    return this.#done;
  }

  /** When `tick` must be called next. */
  get deadline(): Millis {
    return this.#done ? Infinity : this.#retryAt;
  }

  /** Whom the handshake waits for: those not heard from, or else those who have not heard from all. */
  get awaited(): ProcessId[] {
    const unheard = this.#heard.flatMap((heard, p) => heard ? [] : [p]);
    return unheard.length > 0 ? unheard : this.#unready();
  }

  /** Takes in a hello. Returns the round trip that it measured, in milliseconds, or -1. */
  receive(frame: Frame, now: Millis): Millis {
    const { from, flags, at, echo } = frame;
    this.#heard[from] = true;
    if (flags & FrameFlag.done) this.#ready[from] = true;
    const heardAllBefore = this.#heardAll;
    this.#update();
    if (flags & FrameFlag.replyWanted) this.#hello(from, false, now, at);
    if (this.#heardAll && !heardAllBefore) this.#helloToAll(now);
    return echo >= 0 && echo <= now ? now - echo : -1;
  }

  /** Data of `from` came: it would not have begun if it had not finished the handshake. */
  heardData(from: ProcessId): void {
    if (this.#done) return;
    this.#heard[from] = this.#ready[from] = true;
    this.#update();
  }

  /** Says hello to those who have not answered everything yet. */
  tick(now: Millis): void {
    if (this.#done || now < this.#retryAt) return;
    this.#helloToAwaited(now);
  }

  /** Those who are ready wait for this news too. */
  #helloToAll(now: Millis): void {
    for (let q = 0; q < this.#ready.length; q++) this.#hello(q, !this.#ready[q], now, -1);
  }

  /** Whoever has not been heard from says hello himself, and gets an answer: so while somebody is
   * missing, the others are left in peace. */
  #helloToAwaited(now: Millis): void {
    for (const q of this.awaited) this.#hello(q, true, now, -1);
    this.#retryAt = now + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #unready(): ProcessId[] {
    return this.#ready.flatMap((ready, p) => ready ? [] : [p]);
  }

  #hello(to: ProcessId, replyWanted: boolean, now: Millis, echo: Millis): void {
    if (to === this.#self) return;
    this.#frame.flags = (this.#heardAll ? FrameFlag.done : 0) |
      (replyWanted ? FrameFlag.replyWanted : 0);
    this.#frame.at = now;
    this.#frame.echo = echo;
    this.#outbox.send(to, this.#frame);
  }

  #update(): void {
    this.#heardAll = this.#heard.every(Boolean);
    this.#done = this.#heardAll && this.#ready.every(Boolean);
  }
}
