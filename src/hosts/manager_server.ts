/**
 * The group manager: a TCP server around the registry of members.
 *
 * @module
 */

import { type LeaseState, Registry } from "../protocols/registry.ts";
import { type Address, isUnspecified } from "../wire/address.ts";
import {
  decodeManagerRequest,
  type ManagerReply,
  type ManagerRequest,
  MAX_MEMBERS,
  type Member,
  type Registrant,
} from "../wire/manager_messages.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { type ServerCounters, TcpServer } from "./tcp_server.ts";

/** A member that came, or went: `left` deregistered, `expired` was silent for a lease, `replaced`
 * lost its name or an address to a later one. */
export interface MembershipChange {
  readonly type: "joined" | "left" | "expired" | "replaced";
  readonly member: Registrant;
}

/** How a manager runs. */
export interface ManagerOptions {
  /** A member is taken off the list when it hasn't renewed for so long. Members renew after a third
   * of it, so two renewals may be lost. Shorter shows crashes earlier and costs more messages.
   *
   * @default {10000} */
  readonly leaseMs?: number;
  /** Further processes get an error until one leaves. At most 1000, so that the list fits a frame.
   *
   * @default {1000} */
  readonly maxMembers?: number;
  /** Further connections are closed at once. A member connects for a moment every third of a lease.
   *
   * @default {256} */
  readonly maxConnections?: number;
  /** A connection that brings no whole request for so long is closed.
   *
   * @default {10000} */
  readonly deadlineMs?: number;
  /** A clock that never goes backwards, in milliseconds.
   *
   * @default {performance.now} */
  readonly now?: () => number;
  /** Told of every change, as soon as it is noticed. */
  readonly onChange?: (change: MembershipChange) => void;
}

/** A group manager that listens. */
export class ManagerServer {
  readonly #leaseMs: number;
  readonly #now: () => number;
  readonly #onChange: (change: MembershipChange) => void;
  readonly #registry: Registry<Registrant>;
  #server!: TcpServer;
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Listens on `address`, port 0 for any.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async listen(address: Address, options: ManagerOptions = {}): Promise<ManagerServer> {
    const manager = new ManagerServer(options);
    manager.#server = await TcpServer.listen(address, (connection) => manager.#serve(connection), {
      maxConnections: options.maxConnections ?? 256,
      deadlineMs: options.deadlineMs ?? 10_000,
    });
    return manager;
  }

  private constructor(options: ManagerOptions) {
    this.#leaseMs = options.leaseMs ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
    this.#onChange = options.onChange ?? (() => {});
    this.#registry = new Registry({
      leaseMs: this.#leaseMs,
      maxMembers: Math.min(options.maxMembers ?? MAX_MEMBERS, MAX_MEMBERS),
    });
  }

  /** Where it listens, with the port that was really taken. */
  get address(): Address {
    return this.#server.address;
  }

  /** What its connections brought. */
  get counters(): Readonly<ServerCounters> {
    return this.#server.counters;
  }

  /** The group now, in the order of registration. */
  members(): Member[] {
    const now = this.#now();
    this.#expire(now);
    return this.#registry.members(now).map(({ registrant, registeredAt }) => ({
      ...registrant,
      ageMs: Math.max(0, Math.round(now - registeredAt)),
    }));
  }

  /** Stops listening and closes all connections. The members find out when they renew. */
  async close(): Promise<void> {
    await this.#server.close();
    clearTimeout(this.#expiryTimer);
  }

  async #serve(connection: TcpConnection): Promise<void> {
    for await (const message of connection) {
      let request: ManagerRequest;
      try {
        request = decodeManagerRequest(message);
      } catch (error) {
        const { message: reason } = error as Error;
        void connection.send({ type: "error", reason } satisfies ManagerReply);
        return await connection.reject(reason);
      }
      await connection.send(this.#answer(request, connection.remote.host));
      this.#awaitExpiry();
    }
  }

  #answer(request: ManagerRequest, observedHost: string): ManagerReply {
    const now = this.#now();
    this.#expire(now);
    switch (request.type) {
      case "register":
        return this.#register({
          name: request.name,
          udp: reachable(request.udp, observedHost),
          control: reachable(request.control, observedHost),
          region: request.region,
        }, now);
      case "renew": {
        const state = this.#registry.renew(request.name, request.lease, now);
        return state.type === "valid" ? { type: "renewed", leaseMs: this.#leaseMs } : lost(state);
      }
      case "deregister":
        return this.#deregister(request.name, request.lease, now);
      case "list":
        return { type: "members", members: this.members() };
    }
  }

  #register(registrant: Registrant, now: number): ManagerReply {
    const lease = crypto.randomUUID();
    const replaced = this.#registry.register(registrant, lease, now);
    if (replaced === "full") return { type: "error", reason: "The group is full" };
    for (const member of replaced) this.#onChange({ type: "replaced", member });
    this.#onChange({ type: "joined", member: registrant });
    return { type: "registered", lease, leaseMs: this.#leaseMs };
  }

  #deregister(name: string, lease: string, now: number): ManagerReply {
    const outcome = this.#registry.deregister(name, lease, now);
    if (outcome.type !== "valid") return lost(outcome);
    this.#onChange({ type: "left", member: outcome.registrant });
    return { type: "deregistered" };
  }

  #expire(now: number): void {
    for (const member of this.#registry.expire(now)) this.#onChange({ type: "expired", member });
  }

  /** Sees to it that the end of a lease is noticed when nobody asks. */
  #awaitExpiry(): void {
    clearTimeout(this.#expiryTimer);
    const waitMs = this.#registry.deadline - this.#now();
    if (waitMs === Infinity) return;
    this.#expiryTimer = setTimeout(() => {
      this.#expire(this.#now());
      this.#awaitExpiry();
    }, Math.max(1, waitMs));
  }
}

/** What to tell somebody whose lease is gone. */
function lost(state: Exclude<LeaseState<Registrant>, { type: "valid" }>): ManagerReply {
  return state.type === "replaced" ? { type: "replaced", by: state.by } : { type: "unknown" };
}

/** The address with the host that the request came from, where it names none. */
function reachable(address: Address, observedHost: string): Address {
  return isUnspecified(address.host) ? { host: observedHost, port: address.port } : address;
}
