/**
 * One client's wish for the lock at a node of a token ring.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { RingAlive, RingReply, RingUnlockRequest } from "../wire/ring_control_messages.ts";
import type { Lockable, LockHandle, LockListener } from "./ring_lock.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** What a client may say after its first request. */
export type ControlWord = RingAlive | RingUnlockRequest;

/** A client that wants the lock, or has it. */
export class RingControlSession implements LockListener {
  readonly #connection: TcpConnection;
  readonly #leaseMs: Millis;
  /** Null once the lock isn't wanted any more. */
  #handle: LockHandle | null = null;
  /** The client's clock showed at least this much more than ours. */
  #aheadMs: Millis;
  #heardAt: Millis;
  /** The client has the lock until then, by our clock, for all that it knows. */
  #toldUntil: Millis = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #over = Promise.withResolvers<void>();

  constructor(connection: TcpConnection, leaseMs: Millis, sentAt: Millis) {
    this.#connection = connection;
    this.#leaseMs = leaseMs;
    this.#heardAt = performance.now();
    this.#aheadMs = sentAt - this.#heardAt;
  }

  /** Wants the lock of `node`. */
  begin(node: Lockable): void {
    this.#handle = node.lock(this);
  }

  /** The client says something. */
  async heard(word: ControlWord): Promise<void> {
    this.#heardAt = performance.now();
    if (word.type === "alive") {
      this.#aheadMs = Math.max(this.#aheadMs, word.sentAt - this.#heardAt);
      return;
    }
    await this.#giveUp();
    this.#say({ type: "unlocked" });
  }

  /** The connection has ended. The client may have been killed: what it ran ends within the time that it
   * was told of, and until then the lock is not for others. */
  async gone(): Promise<void> {
    this.#giveUpLater();
    await this.#over.promise;
  }

  /** The node ends. Resolves when the client has let go of the lock, or must have. */
  async dismiss(): Promise<void> {
    this.#giveUpLater();
    await this.#connection.send({ type: "lost", reason: "the node ends" });
    await this.#over.promise;
  }

  // --- LockListener

  /** @ignore */
  granted(fence: number, until: Millis): void {
    this.#toldUntil = until;
    this.#say({ type: "granted", fence, until: until + this.#aheadMs });
  }

  /** @ignore */
  extended(until: Millis): void {
    if (this.#timer !== undefined) return; // It is to end.
    if (performance.now() - this.#heardAt > this.#leaseMs) {
      this.#say({ type: "lost", reason: "silent for longer than a lease" });
      this.#giveUpLater();
      return;
    }
    this.#toldUntil = until;
    this.#say({ type: "extended", until: until + this.#aheadMs });
  }

  /** @ignore */
  lost(reason: string): void {
    this.#say({ type: "lost", reason });
    this.#handle = null;
    this.#finish();
  }

  /** @ignore */
  refused(reason: string): void {
    this.#say({ type: "error", reason });
    this.#handle = null;
    this.#finish();
  }

  /** @ignore */
  busy(holder: string, fence: number): void {
    this.#say({ type: "busy", holder, fence });
  }

  /** @ignore */
  quorum(hasQuorum: boolean, reached: number, machines: number): void {
    this.#say({ type: "quorum", hasQuorum, reached, machines });
  }

  #say(reply: RingReply): void {
    void this.#connection.send(reply);
  }

  #giveUpLater(): void {
    if (this.#handle === null) return this.#finish();
    const leftMs = this.#toldUntil - performance.now();
    if (leftMs <= 0) void this.#giveUp();
    else this.#timer ??= setTimeout(() => void this.#giveUp(), leftMs);
  }

  async #giveUp(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.unlock();
    this.#finish();
  }

  #finish(): void {
    clearTimeout(this.#timer);
    this.#over.resolve();
  }
}
