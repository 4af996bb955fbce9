/**
 * What peers and the group manager say to each other. One request, one reply, in the order of the
 * requests; a connection may carry any number of them.
 *
 * @module
 */

import type { Address } from "./address.ts";
import {
  address,
  array,
  type Check,
  integer,
  messages,
  nullable,
  record,
  text,
} from "./validation.ts";

/** The most members that a group may have: a list of so many, with all names and hosts as long as
 * they may be, still fits into one frame. */
export const MAX_MEMBERS = 1000;

/** A process that wants to be found. Where a host is unspecified (`0.0.0.0`, `::`), the manager
 * puts the address that the request came from in its place. */
export interface Registrant {
  /** Unique in the group, 1 to 64 characters on one line. */
  readonly name: string;
  /** Where it receives multicasts. */
  readonly udp: Address;
  /** Where it awaits the comparison server. */
  readonly control: Address;
  /** The region that a topology knows it by, or null. */
  readonly region: string | null;
}

/** A registered process as others see it. */
export interface Member extends Registrant {
  /** Milliseconds since it registered. */
  readonly ageMs: number;
}

/** Asks to be in the list, for as long as the lease is renewed. Whoever has the same name or one of
 * the same addresses is replaced. */
export interface Register extends Registrant {
  readonly type: "register";
}

/** Asks to stay in the list. */
export interface Renew {
  readonly type: "renew";
  readonly name: string;
  readonly lease: string;
}

/** Asks to be taken off the list. */
export interface Deregister {
  readonly type: "deregister";
  readonly name: string;
  readonly lease: string;
}

/** Asks who is in the group. */
export interface List {
  readonly type: "list";
}

/** Everything that a manager may be asked. */
export type ManagerRequest = Register | Renew | Deregister | List;

/** The process is in the list until `leaseMs` from now. */
export interface Registered {
  readonly type: "registered";
  /** Names this registration in the requests to come. */
  readonly lease: string;
  readonly leaseMs: number;
}

/** The process stays in the list for another `leaseMs`. */
export interface Renewed {
  readonly type: "renewed";
  readonly leaseMs: number;
}

/** The process is off the list. */
export interface Deregistered {
  readonly type: "deregistered";
}

/** There is no such lease: it ran out, or the manager was started anew. Register again. */
export interface Unknown {
  readonly type: "unknown";
}

/** Another process took the name or an address since. Registering again would take it back, and so
 * on for ever: leave that to a person. */
export interface Replaced {
  readonly type: "replaced";
  /** The name of the process that took its place. */
  readonly by: string;
}

/** The group, in the order in which its members registered. */
export interface Members {
  readonly type: "members";
  readonly members: readonly Member[];
}

/** The request can't be granted. */
export interface ManagerError {
  readonly type: "error";
  readonly reason: string;
}

/** Everything that a manager may answer. */
export type ManagerReply =
  | Registered
  | Renewed
  | Deregistered
  | Unknown
  | Replaced
  | Members
  | ManagerError;

/** The name of a process. */
export const processName: Check<string> = text(1, 64);
/** The name of a region, or null. */
export const regionName: Check<string | null> = nullable(text(1, 64));
/** Why something failed, in one line. */
export const reason: Check<string> = text(0, 1000);

const lease = text(1, 64);
const leaseMs = integer(1, 24 * 3600 * 1000);
const registrant = { name: processName, udp: address, control: address, region: regionName };

/** Types a decoded request.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeManagerRequest: (value: unknown) => ManagerRequest = messages<ManagerRequest>({
  register: registrant,
  renew: { name: processName, lease },
  deregister: { name: processName, lease },
  list: {},
});

/** Types a decoded reply.
 *
 * @throws {TypeError} naming the field that is wrong. */
export const decodeManagerReply: (value: unknown) => ManagerReply = messages<ManagerReply>({
  registered: { lease, leaseMs },
  renewed: { leaseMs },
  deregistered: {},
  unknown: {},
  replaced: { by: processName },
  members: {
    members: array(
      record<Member>({ ...registrant, ageMs: integer(0, Number.MAX_SAFE_INTEGER) }),
      MAX_MEMBERS,
    ),
  },
  error: { reason },
});
