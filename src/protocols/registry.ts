/**
 * The group manager's list: who is in the group, for as long as they renew their leases.
 *
 * Three things go wrong with a plain list of registrations, and each has its rule here:
 *
 * - The dead stay in it. So a registration is a lease: it ends when it isn't renewed.
 * - A process that was killed is started again before its lease has run out, under its old name or
 *   on its old port. So the latest registration wins: whoever has the same name, or claims the same
 *   UDP or control address, which only one living process can own, is replaced.
 * - Two living processes have one name, or one address in front of them. If both registered again
 *   whenever they were replaced, they would throw each other out for ever. So a member remembers the
 *   leases that it replaced, and their owners are told so instead of being asked to come back.
 *
 * Leases, which should be hard to guess, and the time arrive as arguments. The time must never go
 * backwards.
 *
 * @module
 */

import type { Millis } from "./process.ts";

/** Where a member can be reached. */
interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the registry must know of a process. */
export interface Registrant {
  /** Unique among the members. */
  readonly name: string;
  /** Unique among the members. */
  readonly udp: Endpoint;
  /** Unique among the members. */
  readonly control: Endpoint;
}

/** A member, and since when it is one. */
export interface Registration<R extends Registrant> {
  readonly registrant: R;
  readonly registeredAt: Millis;
}

/** What became of a lease: it is its owner's still, the member `by` has replaced its owner, or nobody
 * knows it (it ran out, or the registry is younger). */
export type LeaseState<R extends Registrant> =
  | { readonly type: "valid"; readonly registrant: R }
  | { readonly type: "replaced"; readonly by: string }
  | { readonly type: "unknown" };

interface Entry<R extends Registrant> extends Registration<R> {
  readonly lease: string;
  expiresAt: Millis;
  /** Leases of those it replaced, the latest last; at most {@linkcode MAX_REPLACED}. */
  readonly replaced: readonly string[];
}

/** How many replaced leases a member remembers. An owner forgotten may register again. */
const MAX_REPLACED = 64;

/** How long leases last, and how many there may be. */
export interface RegistryOptions {
  /** A member that hasn't renewed for so long is taken off the list. Short leases show a crash
   * early; long ones forgive a pause, and cost fewer messages. */
  readonly leaseMs: Millis;
  /** Further processes are turned away, until one leaves. */
  readonly maxMembers: number;
}

/**
 * The members of a group.
 *
 * - In: {@linkcode register}, {@linkcode renew}, {@linkcode deregister}, {@linkcode expire}.
 * - Out: {@linkcode members}, {@linkcode deadline}.
 *
 * Each method first lets go those whose lease has run out; only `expire` says who they were, so an
 * owner that wants to know calls it before the others.
 */
export class Registry<R extends Registrant> {
  readonly #leaseMs: Millis;
  readonly #maxMembers: number;
  /** By name, in the order of registration. No two entries share a name, a UDP address or a control
   * address. */
  readonly #entries = new Map<string, Entry<R>>();

  constructor({ leaseMs, maxMembers }: RegistryOptions) {
    this.#leaseMs = leaseMs;
    this.#maxMembers = maxMembers;
  }

  /** When the next lease runs out, unless it is renewed; Infinity when there is none. */
  get deadline(): Millis {
    let earliest = Infinity;
    for (const { expiresAt } of this.#entries.values()) earliest = Math.min(earliest, expiresAt);
    return earliest;
  }

  /** Makes the process a member until `now + leaseMs` and returns those it replaces; or `"full"`,
   * and nothing has changed. */
  register(registrant: R, lease: string, now: Millis): readonly R[] | "full" {
    this.expire(now);
    const rivals = [...this.#entries.values()].filter((entry) =>
      conflict(entry.registrant, registrant)
    );
    if (this.#entries.size - rivals.length >= this.#maxMembers) return "full";

    for (const { registrant: { name } } of rivals) this.#entries.delete(name);
    const replaced = rivals.flatMap((rival) => [...rival.replaced, rival.lease]);
    this.#entries.set(registrant.name, {
      registrant,
      registeredAt: now,
      lease,
      expiresAt: now + this.#leaseMs,
      replaced: replaced.slice(-MAX_REPLACED),
    });
    return rivals.map((rival) => rival.registrant);
  }

  /** Extends the lease to `now + leaseMs` if it is valid. */
  renew(name: string, lease: string, now: Millis): LeaseState<R> {
    this.expire(now);
    const entry = this.#entries.get(name);
    if (entry?.lease !== lease) return this.#afterlife(lease);
    entry.expiresAt = now + this.#leaseMs;
    return { type: "valid", registrant: entry.registrant };
  }

  /** Takes the member off the list if the lease is valid. */
  deregister(name: string, lease: string, now: Millis): LeaseState<R> {
    this.expire(now);
    const entry = this.#entries.get(name);
    if (entry?.lease !== lease) return this.#afterlife(lease);
    this.#entries.delete(name);
    return { type: "valid", registrant: entry.registrant };
  }

  /** The members, in the order in which they registered. */
  members(now: Millis): readonly Registration<R>[] {
    this.expire(now);
    return [...this.#entries.values()].map(({ registrant, registeredAt }) => ({
      registrant,
      registeredAt,
    }));
  }

  /** Takes those off the list whose lease has run out, and returns them. */
  expire(now: Millis): readonly R[] {
    const expired: R[] = [];
    for (const [name, { registrant, expiresAt }] of this.#entries) {
      if (expiresAt > now) continue;
      this.#entries.delete(name);
      expired.push(registrant);
    }
    return expired;
  }

  /** What became of a lease that isn't valid. */
  #afterlife(lease: string): Exclude<LeaseState<R>, { type: "valid" }> {
    for (const { registrant, replaced } of this.#entries.values()) {
      if (replaced.includes(lease)) return { type: "replaced", by: registrant.name };
    }
    return { type: "unknown" };
  }
}

function conflict(a: Registrant, b: Registrant): boolean {
  return a.name === b.name || isSame(a.udp, b.udp) || isSame(a.control, b.control);
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.host.toLowerCase() === b.host.toLowerCase();
}
