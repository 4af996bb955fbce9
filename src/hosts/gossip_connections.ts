/**
 * Kept TCP connections to other nodes of a gossip network, for messages that don't fit a datagram.
 *
 * Nobody waits for a message: what can't be sent is lost, as a datagram would be, and the protocol says
 * it again.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import { HEADER_BYTES, writeFrameLength } from "../wire/framing.ts";
import { MAX_GOSSIP_BYTES } from "../wire/gossip_messages.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** A connection that nothing was sent on for so long is closed. The other side waits for longer. */
const IDLE_MS: Millis = 10_000;

/** So long the other side has for what is sent to it at a time. */
export const GOSSIP_DEADLINE_MS: Millis = 30_000;

/** So many connections are kept. For one more, the one that has been idle longest is closed. */
const MAX_CONNECTIONS = 64;

/** So much may wait for one node: what comes beyond it is lost. */
const MAX_QUEUED_BYTES = 2 * MAX_GOSSIP_BYTES;

/** And so much for all. */
const MAX_QUEUED_BYTES_IN_ALL = 4 * MAX_QUEUED_BYTES;

/** The connections that this node has opened. */
export class GossipConnections {
  /** In the order in which they were used last. */
  readonly #lines = new Map<string, Line>();
  #isClosed = false;

  /** How many there are. */
  get size(): number {
    return this.#lines.size;
  }

  /** Sends a message after those before it. Returns false if it is lost already. */
  send(to: Address, message: Uint8Array): boolean {
    if (this.#isClosed || message.length > MAX_GOSSIP_BYTES) return false;
    const key = formatAddress(to);
    const line = this.#lines.get(key) ?? this.#open(key, to);
    if (line === null || !this.#hasRoom(line, message.length)) return false;
    this.#lines.delete(key);
    this.#lines.set(key, line);
    line.send(framed(message));
    return true;
  }

  /** Ends all. What waits is lost. */
  close(): void {
    this.#isClosed = true;
    for (const line of this.#lines.values()) line.close();
  }

  /** Sends what waits, as far as the other sides take it in so much time, and ends all. */
  async finish(withinMs: Millis): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, withinMs);
    const lines = [...this.#lines.values()];
    await Promise.race([late.promise, Promise.all(lines.map((line) => line.finish()))]);
    clearTimeout(timer);
    this.close();
  }

  #open(key: string, to: Address): Line | null {
    if (this.#lines.size >= MAX_CONNECTIONS) {
      const idle = [...this.#lines.values()].find((line) => line.queuedBytes === 0);
      if (idle === undefined) return null;
      idle.close();
    }
    const line: Line = new Line(to, () => {
      if (this.#lines.get(key) === line) this.#lines.delete(key);
    });
    this.#lines.set(key, line);
    return line;
  }

  #hasRoom(line: Line, bytes: number): boolean {
    let inAll = bytes;
    for (const { queuedBytes } of this.#lines.values()) inAll += queuedBytes;
    return inAll <= MAX_QUEUED_BYTES_IN_ALL && line.queuedBytes + bytes <= MAX_QUEUED_BYTES;
  }
}

/** One connection, from the attempt to its end. */
class Line {
  readonly #giveUp = new AbortController();
  readonly #onEnd: () => void;
  readonly #opened: Promise<TcpConnection | null>;
  /** What is being written. */
  #last: Promise<unknown> = Promise.resolve();
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  /** What has been sent and not yet written. */
  queuedBytes = 0;

  constructor(to: Address, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#opened = this.#open(to);
  }

  send(frame: Uint8Array): void {
    clearTimeout(this.#idleTimer);
    this.queuedBytes += frame.length;
    this.#last = this.#opened.then((connection) => connection?.sendFrame(frame)).then(() => {
      this.queuedBytes -= frame.length;
      if (this.queuedBytes === 0) this.#rest();
    });
  }

  /** Resolves when all is written, or can't be. */
  async finish(): Promise<void> {
    await this.#last;
  }

  close(): void {
    if (this.#giveUp.signal.aborted) return;
    this.#giveUp.abort();
    clearTimeout(this.#idleTimer);
    void this.#opened.then((connection) => connection?.close());
    this.#onEnd();
  }

  #rest(): void {
    if (this.#giveUp.signal.aborted) return;
    this.#idleTimer = setTimeout(() => this.close(), IDLE_MS);
  }

  async #open(to: Address): Promise<TcpConnection | null> {
    const { signal } = this.#giveUp;
    try {
      const connection = await connectTcp("node", to, {
        signal,
        deadlineMs: GOSSIP_DEADLINE_MS,
        maxFrameBytes: MAX_GOSSIP_BYTES,
        maxQueuedBytes: 2 * MAX_QUEUED_BYTES,
      });
      // Nothing comes back but the end: answers go to the address that messages name.
      const end = () => this.close();
      void connection.receiveAll(end).then(end);
      return connection;
    } catch {
      this.close(); // Nobody is there: what waits is lost.
      return null;
    }
  }
}

function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + message.length);
  writeFrameLength(frame, message.length);
  frame.set(message, HEADER_BYTES);
  return frame;
}
