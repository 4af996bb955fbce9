/**
 * Requests to a coordinator over a kept connection, many at a time.
 *
 * Answers come in the order of the requests. When the connection breaks, what has no answer yet is
 * sent again on a new one, in order and with the same request IDs: the coordinator does each only
 * once.
 *
 * @module
 */

import { Backoff } from "../protocols/persistent/backoff.ts";
import type { Reply, Request } from "../protocols/persistent/messages.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import { decodeCoordinatorReply } from "../wire/persistent_messages.ts";
import { PATIENCE_MS } from "./coordinator_client.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** So many requests may wait for their answers: more hide longer ways to the coordinator. */
const WINDOW_REQUESTS = 1024;

/** And so many bytes of payloads. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** How a stream works. */
export interface RequestStreamOptions {
  /** Give up when for so long no request was answered, in milliseconds.
   *
   * @default {10000} */
  readonly patienceMs?: number;
  /** Told why the connection broke, while others are tried: once until there is an answer again. */
  readonly onTrouble?: (reason: string) => void;
}

/** A request without an answer. */
interface Waiting {
  readonly request: Request;
  readonly bytes: number;
  readonly answer: PromiseWithResolvers<Reply>;
}

/** A stream of requests. */
export class RequestStream {
  readonly #address: Address;
  readonly #options: RequestStreamOptions;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();
  /** The oldest first. A map keeps them in order, and finds the first one quickly. */
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  #room: PromiseWithResolvers<void> | null = null;
  #connection: TcpConnection | null = null;
  #running: Promise<void> | null = null;
  #failure: Error | null = null;
  /** When an answer came last, or since when one is awaited. */
  #movedAt = 0;

  /** A stream to the coordinator at this address. It connects when there is something to send. */
  constructor(address: Address, options: RequestStreamOptions = {}) {
    this.#address = address;
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** Requests without an answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when there is room for another request. Who sends without waiting uses memory. */
  async untilRoom(): Promise<void> {
    while (this.#isFull && this.#failure === null) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
  }

  /**
   * Sends a request after those before. Its ID must be new.
   *
   * @returns the answer; rejects in one line if there is none. Then the request may have been done or
   * not.
   */
  send(request: Request): Promise<Reply> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const bytes = request.type === "msend" ? request.payload.length : 0;
    const answer = Promise.withResolvers<Reply>();
    if (this.#waiting.size === 0) this.#movedAt = performance.now();
    this.#waiting.set(request.request, { request, bytes, answer });
    this.#waitingBytes += bytes;
    void this.#connection?.send(request);
    this.#running ??= this.#run();
    return answer.promise;
  }

  /** Ends. Requests without an answer are given up. */
  async close(): Promise<void> {
    this.#fail(new Error("The connection to the coordinator was closed here"));
    await this.#running;
  }

  get #isFull(): boolean {
    return this.#waiting.size >= WINDOW_REQUESTS || this.#waitingBytes >= WINDOW_BYTES;
  }

  /** Whether the coordinator stands still: it is noticed only while something is asked. */
  get #isLate(): boolean {
    return this.#waiting.size > 0 && performance.now() - this.#movedAt >= this.#patienceMs;
  }

  /** Keeps a connection, and makes another one as long as there is something to ask. */
  async #run(): Promise<void> {
    const backoff = new Backoff();
    let toldAt = -1;
    for (;;) {
      const reason = await this.#converse(() => backoff.reset())
        .catch((error: Error) => error.message);
      if (this.#failure !== null || this.#waiting.size === 0) break;
      const retryAt = backoff.after(performance.now());
      if (retryAt - this.#movedAt > this.#patienceMs) {
        this.#fail(new Error(reason));
        break;
      }
      if (toldAt !== this.#movedAt) this.#options.onTrouble?.(reason);
      toldAt = this.#movedAt;
      await this.#pause(retryAt - performance.now());
    }
    this.#running = null;
  }

  /** Sends what waits on a new connection, and hears answers until it breaks. Returns why it did. */
  async #converse(onAnswer: () => void): Promise<string> {
    const { signal } = this.#closing;
    const connection = await connectTcp("coordinator", this.#address, { signal });
    const stop = () => connection.close();
    signal.addEventListener("abort", stop);
    let isLate = false;
    const watch = setInterval(() => {
      isLate = this.#isLate;
      if (isLate) stop();
    }, Math.max(1, this.#patienceMs / 8));
    try {
      this.#connection = connection;
      for (const { request } of this.#waiting.values()) void connection.send(request);
      for (;;) {
        const message = await connection.receive();
        if (message === undefined) break;
        this.#movedAt = performance.now();
        onAnswer();
        this.#answer(message);
      }
    } finally {
      this.#connection = null;
      clearInterval(watch);
      signal.removeEventListener("abort", stop);
      connection.close();
    }
    const why = isLate ? `no answer within ${this.#patienceMs} ms` : connection.ending;
    return `No answer from the coordinator at ${formatAddress(this.#address)} (${why})`;
  }

  #answer(message: unknown): void {
    try {
      const reply = decodeCoordinatorReply(message);
      const [first] = this.#waiting.values();
      if (reply.type === "status" || first === undefined) {
        throw new Error("an answer to no request");
      }
      // What the coordinator could not read has no ID: it is the oldest, and the last that it hears.
      const isUnread = reply.type === "error" && reply.request === "";
      const { request } = first.request;
      if (reply.request !== request && !isUnread) throw new Error("an answer out of order");
      this.#waiting.delete(request);
      this.#waitingBytes -= first.bytes;
      first.answer.resolve({ ...reply, request });
      if (!this.#isFull) this.#letGo();
    } catch (error) {
      const name = formatAddress(this.#address);
      const { message: reason } = error as Error;
      this.#fail(new Error(`At ${name} is no coordinator that we understand: ${reason}`));
    }
  }

  #fail(failure: Error): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#closing.abort(failure);
    for (const { answer } of this.#waiting.values()) {
      answer.promise.catch(() => {}); // Who sends and goes away isn't interested.
      answer.reject(failure);
    }
    this.#waiting.clear();
    this.#letGo();
  }

  #letGo(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  /** Waits, but not beyond the closing. */
  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = () => resolve();
    const timer = setTimeout(stop, Math.max(0, ms));
    this.#closing.signal.addEventListener("abort", stop, { once: true });
    await promise;
    this.#closing.signal.removeEventListener("abort", stop);
    clearTimeout(timer);
  }
}
