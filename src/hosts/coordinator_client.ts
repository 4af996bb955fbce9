/**
 * Requests to a coordinator, a connection each.
 *
 * A request that gets no answer is sent again with the same ID until there is one or the patience is
 * over; the coordinator does it only once.
 *
 * @module
 */

import { Backoff } from "../protocols/persistent/backoff.ts";
import type { Reply, Request } from "../protocols/persistent/messages.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorStatus,
  decodeCoordinatorReply,
} from "../wire/persistent_messages.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** How to ask. */
export interface AskOptions {
  /** How long to go on trying, in milliseconds.
   *
   * @default {10000} */
  readonly patienceMs?: number;
  /** Whether to ask only once.
   *
   * @default {false} */
  readonly isOnce?: boolean;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal;
  /** Told once why the first attempt failed, while others follow. */
  readonly onTrouble?: (reason: string) => void;
}

/** A coordinator that doesn't answer for so long is tried again on another connection. */
const ANSWER_MS = 5000;

/** How long to go on trying unless told otherwise, in milliseconds. */
export const PATIENCE_MS = 10_000;

/** A new ID for a request: nobody has used it before. */
export function newRequestId(): string {
  return crypto.randomUUID();
}

/** The coordinator answered, and it makes no sense: another attempt would be no better. */
class Misunderstanding extends Error {}

/** Asks a coordinator. */
export class CoordinatorClient {
  readonly #address: Address;

  /** For the one at this address; nothing is sent yet. */
  constructor(address: Address) {
    this.#address = address;
  }

  /**
   * Sends a request until it is answered.
   *
   * @throws {Error} in one line, if there is no answer, or the signal comes. Then the request may have
   * been done or not.
   */
  async ask(request: Request, options: AskOptions = {}): Promise<Reply> {
    const reply = await this.#until(options, (connection) => this.#exchange(connection, request));
    if (reply.type === "status" || reply.request !== request.request && reply.type === "ok") {
      throw this.#strange("it answers another request");
    }
    // The coordinator could not read the request: what it says goes for this one.
    return { ...reply, request: request.request };
  }

  /**
   * Asks how the coordinator and its members are.
   *
   * @throws {Error} in one line, if there is no answer.
   */
  async status(options: AskOptions = {}): Promise<CoordinatorStatus> {
    const reply = await this.#until(
      options,
      (connection) => this.#exchange(connection, { type: "status" }),
    );
    if (reply.type === "status") {
      const { type: _type, ...status } = reply;
      return status;
    }
    throw this.#strange(reply.type === "error" ? reply.reason : "it answers another request");
  }

  /**
   * The address of this machine from which the coordinator is reached, and so one at which the
   * coordinator may reach this machine.
   *
   * @throws {Error} in one line, if the coordinator can't be reached.
   */
  async localHost(options: AskOptions = {}): Promise<string> {
    return await this.#until(options, (connection) => Promise.resolve(connection.local.host));
  }

  /** Connects and does something, again and again until it succeeds. */
  async #until<T>(
    { patienceMs = PATIENCE_MS, isOnce = false, signal, onTrouble }: AskOptions,
    act: (connection: TcpConnection) => Promise<T>,
  ): Promise<T> {
    const end = performance.now() + patienceMs;
    const backoff = new Backoff();
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#attempt(Math.max(1, end - performance.now()), signal, act);
      } catch (error) {
        const retryAt = isOnce ? Infinity : backoff.after(performance.now());
        if (error instanceof Misunderstanding || retryAt >= end || signal?.aborted) throw error;
        if (attempt === 1) onTrouble?.((error as Error).message);
        await pause(retryAt - performance.now(), signal);
      }
    }
  }

  async #attempt<T>(
    remainingMs: number,
    signal: AbortSignal | undefined,
    act: (connection: TcpConnection) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = Math.ceil(Math.min(ANSWER_MS, remainingMs));
    const connection = await connectTcp("coordinator", this.#address, {
      timeoutMs: deadlineMs,
      deadlineMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const stop = () => connection.close();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      return await act(connection);
    } finally {
      signal?.removeEventListener("abort", stop);
      connection.close();
    }
  }

  async #exchange(
    connection: TcpConnection,
    request: CoordinatorRequest,
  ): Promise<CoordinatorReply> {
    void connection.send(request);
    const message = await connection.receive();
    if (message !== undefined) return this.#decode(message);
    const reason = connection.ending ?? "no answer";
    if (connection.malformed) throw this.#strange(reason);
    throw new Error(`No answer from the coordinator at ${this.#name} (${reason})`);
  }

  #decode(message: unknown): CoordinatorReply {
    try {
      return decodeCoordinatorReply(message);
    } catch (error) {
      throw this.#strange((error as Error).message);
    }
  }

  #strange(reason: string): Error {
    return new Misunderstanding(`At ${this.#name} is no coordinator that we understand: ${reason}`);
  }

  get #name(): string {
    return formatAddress(this.#address);
  }
}

/** Waits, but not beyond the signal. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, ms));
  signal?.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
