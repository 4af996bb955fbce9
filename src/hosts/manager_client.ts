/**
 * A process and its group manager: being in the list for as long as one wants, and reading it.
 *
 * @module
 */

import { type Address, formatAddress } from "../wire/address.ts";
import {
  decodeManagerReply,
  type ManagerReply,
  type ManagerRequest,
  type Member,
  type Registrant,
} from "../wire/manager_messages.ts";
import { connectTcp } from "./tcp_client.ts";

export type { Member };

/** How long to try. */
export interface RequestOptions {
  /** For connecting, and again for the answer.
   *
   * @default {5000} */
  readonly timeoutMs?: number;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Asks a manager one thing.
 *
 * @throws {Error} in one line that names the manager: nobody is there, it doesn't answer in time or
 * not as a manager does, or it says why it can't grant the request.
 */
export async function askManager(
  manager: Address,
  request: ManagerRequest,
  options: RequestOptions = {},
): Promise<Exclude<ManagerReply, { type: "error" }>> {
  const { timeoutMs = 5000, signal } = options;
  const connection = await connectTcp("manager", manager, {
    timeoutMs,
    deadlineMs: timeoutMs,
    ...(signal && { signal }),
  });
  const where = `The manager at ${formatAddress(manager)}`;
  const giveUp = () => connection.close();
  signal?.addEventListener("abort", giveUp);
  try {
    void connection.send(request);
    const answer = await connection.receive();
    if (answer === undefined) throw new Error(`${where} gave no answer (${connection.ending})`);
    const reply = typed(answer, manager);
    if (reply.type === "error") throw new Error(`${where} refused: ${reply.reason}`);
    return reply;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    connection.close();
  }
}

/**
 * The members of the group, in the order in which they registered.
 *
 * @throws {Error} as {@linkcode askManager} does.
 */
export async function listMembers(
  manager: Address,
  options: RequestOptions = {},
): Promise<readonly Member[]> {
  const reply = await askManager(manager, { type: "list" }, options);
  if (reply.type !== "members") throw unexpected(manager, reply);
  return reply.members;
}

/** Whether others can find the process.
 *
 * - `registered`: it is in the list.
 * - `unreachable`: the manager isn't there or refuses; trying goes on. It may still be in the list.
 * - `replaced`: the process `by` has taken its name or one of its addresses; trying is over.
 */
export type RegistrationState =
  | { readonly type: "registered" }
  | { readonly type: "unreachable"; readonly reason: string }
  | { readonly type: "replaced"; readonly by: string };

/** How to stay registered. */
export interface RegistrationOptions {
  /** For connecting to the manager, and again for its answer.
   *
   * @default {5000} */
  readonly timeoutMs?: number;
  /** The pause after a first failure. It doubles with each, up to `maxRetryMs`, and varies by half
   * so that a group doesn't come back all at once.
   *
   * @default {250} */
  readonly retryMs?: number;
  /** The longest pause: how long after a manager's return a process may be missing from its list.
   *
   * @default {3000} */
  readonly maxRetryMs?: number;
  /** How long a graceful end may take, a request under way included.
   *
   * @default {1000} */
  readonly closeMs?: number;
  /** Told when the state changes, and each time it is registered anew. */
  readonly onState?: (state: RegistrationState) => void;
}

/** The place of a process in the manager's list, kept until it is given up. */
export class Registration {
  readonly #manager: Address;
  readonly #registrant: Registrant;
  readonly #options: RegistrationOptions;
  readonly #abort = new AbortController();
  #state: RegistrationState = { type: "registered" };
  /** The lease and its length, once there is one; renewing starts from it. */
  #lease: { readonly id: string; readonly leaseMs: number } | undefined;
  #failures = 0;
  #closing = false;
  #wake: () => void = () => {};
  #keeping: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /**
   * Registers a process, and from then on sees to it that it stays registered: renews after a third
   * of the lease, registers again when the manager was started anew, and tries for as long as the
   * manager is away.
   *
   * @throws {Error} in one line that names the manager, if the first registration fails.
   */
  static async open(
    manager: Address,
    registrant: Registrant,
    options: RegistrationOptions = {},
  ): Promise<Registration> {
    const registration = new Registration(manager, registrant, options);
    await registration.#register();
    registration.#keeping = registration.#keep();
    return registration;
  }

  private constructor(manager: Address, registrant: Registrant, options: RegistrationOptions) {
    this.#manager = manager;
    this.#registrant = registrant;
    this.#options = options;
  }

  /** Whether others can find the process, as far as is known. */
  get state(): RegistrationState {
    return this.#state;
  }

  /** Leaves the list and stops renewing. Never throws: where the manager can't be reached in time,
   * the lease runs out by itself. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const { closeMs = 1000 } = this.#options;
    const timer = setTimeout(() => this.#abort.abort(new Error("closed here")), closeMs);
    this.#closing = true;
    this.#wake();
    // A request under way may still bring a lease, which must then be given back.
    await this.#keeping;
    if (this.#lease !== undefined && this.#state.type !== "replaced") {
      const { name } = this.#registrant;
      try {
        await this.#ask({ type: "deregister", name, lease: this.#lease.id });
      } catch {
        // The lease runs out by itself.
      }
    }
    clearTimeout(timer);
  }

  async #keep(): Promise<void> {
    while (!this.#closing && this.#state.type !== "replaced") {
      await this.#pause(this.#pauseMs());
      if (!this.#closing) await this.#refresh();
    }
  }

  #pauseMs(): number {
    if (this.#failures === 0) return this.#lease!.leaseMs / 3;
    const { retryMs = 250, maxRetryMs = 3000 } = this.#options;
    const pauseMs = Math.min(retryMs * 2 ** (this.#failures - 1), maxRetryMs);
    return pauseMs * (0.5 + Math.random() / 2);
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #refresh(): Promise<void> {
    try {
      await this.#renew(this.#lease!.id);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#enter({ type: "unreachable", reason: (error as Error).message });
    }
  }

  async #renew(lease: string): Promise<void> {
    const reply = await this.#ask({ type: "renew", name: this.#registrant.name, lease });
    if (reply.type === "unknown") return await this.#register();
    if (reply.type === "replaced") return this.#enter(reply);
    if (reply.type !== "renewed") throw unexpected(this.#manager, reply);
    this.#lease = { id: lease, leaseMs: reply.leaseMs };
    this.#enter({ type: "registered" });
  }

  async #register(): Promise<void> {
    const reply = await this.#ask({ type: "register", ...this.#registrant });
    if (reply.type !== "registered") throw unexpected(this.#manager, reply);
    this.#lease = { id: reply.lease, leaseMs: reply.leaseMs };
    this.#state = { type: "registered" };
    this.#options.onState?.(this.#state);
  }

  #enter(state: RegistrationState): void {
    if (state.type === this.#state.type) return;
    this.#state = state;
    this.#options.onState?.(state);
  }

  #ask(request: ManagerRequest) {
    const { timeoutMs = 5000 } = this.#options;
    return askManager(this.#manager, request, { timeoutMs, signal: this.#abort.signal });
  }
}

function typed(answer: unknown, manager: Address): ManagerReply {
  try {
    return decodeManagerReply(answer);
  } catch (error) {
    throw new Error(
      `${formatAddress(manager)} doesn't answer as a manager does (${(error as Error).message})`,
    );
  }
}

function unexpected(manager: Address, reply: ManagerReply): Error {
  return new Error(`${formatAddress(manager)} answered ${reply.type} to another question`);
}
