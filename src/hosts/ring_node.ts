/**
 * A node of a token ring as a process runs it: the node itself, and the port for other processes.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { RingNodeStatus } from "../wire/ring_control_messages.ts";
import type { Address } from "./address.ts";
import type { DatagramCounts } from "./datagram_socket.ts";
import { RingControl } from "./ring_control.ts";
import type { Lockable, LockHandle, LockListener } from "./ring_lock.ts";
import { TokenRingHost, type TokenRingHostOptions } from "./token_ring_host.ts";

export { VoteFileError } from "./ring_vote_file.ts";
export type { RingNodeStatus } from "../wire/ring_control_messages.ts";
export type { RingEvent, TokenRingHostOptions } from "./token_ring_host.ts";

/** A TCP port may be taken for a minute by a connection that has ended: it is tried so often. */
const TRY_AGAIN_MS: Millis = 1000;

/** A node, and its port for other processes. */
export class RingNode implements Lockable {
  readonly #host: TokenRingHost;
  readonly #options: TokenRingHostOptions;
  #control: RingControl | null = null;
  #opening: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #leaving: Promise<void> | null = null;

  /**
   * Takes the node's address and begins. Without the port for other processes it goes on, with a
   * warning, and tries again.
   *
   * @throws {Error} as {@linkcode TokenRingHost.open}.
   */
  static async open(options: TokenRingHostOptions): Promise<RingNode> {
    const node = new RingNode(await TokenRingHost.open(options), options);
    await node.#openControl(true);
    return node;
  }

  private constructor(host: TokenRingHost, options: TokenRingHostOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Where it is. */
  get address(): Address {
    return this.#host.address;
  }

  /** Whether there is a token, as far as is known, or is to be one. */
  get isStarted(): boolean {
    return this.#host.isStarted;
  }

  /** How it is. */
  get status(): RingNodeStatus {
    return this.#host.status;
  }

  /** What it sent in datagrams. */
  get counts(): Readonly<DatagramCounts> {
    return this.#host.counts;
  }

  /** Rejects when the node can't go on. */
  get failed(): Promise<never> {
    return this.#host.failed;
  }

  /** There is to be a token. If there is one already, nothing happens. */
  start(): void {
    this.#host.start();
  }

  /** Wants the lock. */
  lock(listener: LockListener): LockHandle {
    return this.#host.lock(listener);
  }

  /** Sends other processes away, lets the token go on, and leaves the ring. Who has the lock through this
   * node has the time of its lease to end. */
  leave(): Promise<void> {
    return this.#leaving ??= this.#leave();
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#timer);
    // Nothing is awaited before: who waits here must not get the lock any more.
    const closing = this.#control?.close();
    await this.#opening;
    await (closing ?? this.#control?.close());
    await this.#host.leave();
  }

  async #openControl(isFirst: boolean): Promise<void> {
    try {
      this.#control = await RingControl.listen(this.#host, this.#options.leaseMs);
    } catch (error) {
      if (isFirst) {
        const reason = `${(error as Error).message} (TCP): other processes can't ask this node yet`;
        this.#options.onEvent({ type: "warning", reason });
      }
      if (this.#leaving === null) this.#timer = setTimeout(() => this.#tryAgain(), TRY_AGAIN_MS);
    }
  }

  #tryAgain(): void {
    this.#opening = this.#openControl(false);
  }
}

/** Whether opening failed because another process has the node's address. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Deno.errors.AddrInUse;
}
