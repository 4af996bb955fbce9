/**
 * The lock of a token ring, from a node that runs in another process on this machine.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import {
  decodeRingReply,
  type RingNodeStatus,
  type RingReply,
  type RingRequest,
} from "../wire/ring_control_messages.ts";
import { MAX_CONTROL_FRAME_BYTES } from "./ring_control.ts";
import type { Lockable, LockHandle, LockListener } from "./ring_lock.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** How long a node has to answer. */
const ANSWER_MS: Millis = 5000;

/** Whom to ask. */
export interface RingNodeAddress {
  /** The node's name. */
  readonly node: string;
  readonly address: Address;
  /** Names machines and lease. */
  readonly group: number;
  readonly leaseMs: Millis;
}

/** A node in another process. */
export class RingClient implements Lockable {
  readonly #connection: TcpConnection;
  readonly #node: RingNodeAddress;

  /**
   * Connects to the node.
   *
   * @throws {Error} in one line that names the address, if nobody listens there.
   */
  static async connect(node: RingNodeAddress): Promise<RingClient> {
    const connection = await connectTcp("node of a token ring", node.address, {
      maxFrameBytes: MAX_CONTROL_FRAME_BYTES,
      timeoutMs: ANSWER_MS,
    });
    return new RingClient(connection, node);
  }

  private constructor(connection: TcpConnection, node: RingNodeAddress) {
    this.#connection = connection;
    this.#node = node;
  }

  /**
   * Asks how the node is.
   *
   * @throws {Error} in one line, if it doesn't answer, or is another node.
   */
  async status(): Promise<RingNodeStatus> {
    const { group, node } = this.#node;
    const timer = setTimeout(() => this.#connection.close(), ANSWER_MS);
    void this.#connection.send({ type: "status", group, node });
    const reply = this.#decode(await this.#connection.receive());
    clearTimeout(timer);
    if (reply.type !== "status") {
      throw new Error(reply.type === "error" ? reply.reason : this.#strange("another answer"));
    }
    const { type: _type, ...status } = reply;
    return status;
  }

  /** Wants the lock; only once. If the connection breaks, the lock is lost. */
  lock(listener: LockListener): LockHandle {
    return new RemoteLock(this.#connection, this.#node, listener, (message) => {
      return this.#decode(message);
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#connection.close();
  }

  #decode(message: unknown): RingReply {
    if (message === undefined) {
      const reason = this.#connection.ending ?? "no answer";
      throw new Error(`No answer from the node at ${this.#name} (${reason})`);
    }
    try {
      return decodeRingReply(message);
    } catch (error) {
      throw new Error(this.#strange((error as Error).message));
    }
  }

  #strange(reason: string): string {
    return `At ${this.#name} is no node of a token ring that we understand: ${reason}`;
  }

  get #name(): string {
    return formatAddress(this.#node.address);
  }
}

/** A wish for the lock at another process's node. */
class RemoteLock implements LockHandle {
  readonly #connection: TcpConnection;
  readonly #decode: (message: unknown) => RingReply;
  readonly #followed: Promise<void>;
  readonly #signs: ReturnType<typeof setInterval>;
  #listener: LockListener | null;
  #isDone = false;

  constructor(
    connection: TcpConnection,
    { node, group, leaseMs }: RingNodeAddress,
    listener: LockListener,
    decode: (message: unknown) => RingReply,
  ) {
    this.#connection = connection;
    this.#listener = listener;
    this.#decode = decode;
    this.#say({ type: "lock", group, node, sentAt: performance.now() });
    this.#signs = setInterval(
      () => this.#say({ type: "alive", sentAt: performance.now() }),
      leaseMs / 3,
    );
    this.#followed = this.#follow();
  }

  /** Lets the lock go. */
  async unlock(): Promise<void> {
    this.#listener = null;
    if (!this.#isDone) this.#say({ type: "unlock" });
    const timer = setTimeout(() => this.#connection.close(), ANSWER_MS);
    await this.#followed;
    clearTimeout(timer);
  }

  async #follow(): Promise<void> {
    try {
      while (!this.#isDone) this.#take(this.#decode(await this.#connection.receive()));
    } catch (error) {
      this.#listener?.lost((error as Error).message);
    }
    this.#isDone = true;
    clearInterval(this.#signs);
    // Who has lost the lock says when what used it has ended.
    if (this.#listener === null) this.#connection.close();
  }

  #take(reply: RingReply): void {
    const listener = this.#listener;
    switch (reply.type) {
      case "granted":
        return listener?.granted(reply.fence, reply.until);
      case "extended":
        return listener?.extended(reply.until);
      case "busy":
        return listener?.busy(reply.holder, reply.fence);
      case "quorum":
        return listener?.quorum(reply.hasQuorum, reply.reached, reply.machines);
      case "lost":
        this.#listener = null;
        return listener?.lost(reply.reason);
      case "unlocked":
        this.#isDone = true;
        return;
      case "error":
        return this.#refuse(reply.reason);
      case "status":
        return this.#refuse("The node answers another request");
    }
  }

  #refuse(reason: string): void {
    this.#isDone = true;
    const listener = this.#listener;
    this.#listener = null;
    listener?.refused(reason);
  }

  #say(request: RingRequest): void {
    void this.#connection.send(request);
  }
}
