/**
 * What happened in a persistent multicast, as an observer outside of all processes sees it.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** A member: its position in the run's list, counted from 0. */
export type MemberNumber = number;

/** A message was made durable by the coordinator. */
export interface Stored {
  readonly event: "stored";
  readonly seq: number;
  readonly sender: MemberNumber;
  /** The request that it was asked for with. */
  readonly request: string;
  readonly text: string;
  /** The time that it was given. */
  readonly at: Millis;
  /** The coordinator's clock when the request was handled. */
  readonly handledAt: Millis;
}

/** A request for a change of the membership was granted, and made durable. */
export interface MembershipChange {
  readonly event: "register" | "reconnect" | "disconnect" | "deregister";
  readonly member: MemberNumber;
  readonly request: string;
  /** The number of the latest message that was handled before it. */
  readonly lastSeq: number;
  /** The coordinator's clock when the request was handled. */
  readonly at: Millis;
}

/** A sign of life of a member reached the coordinator, which didn't crash before it could make the
 * best of it. */
export interface Alive {
  readonly event: "alive";
  readonly member: MemberNumber;
  /** The request that began the session in which it was given. */
  readonly session: string;
  /** On the coordinator's clock. */
  readonly at: Millis;
}

/** The coordinator started again, after a crash. */
export interface Restarted {
  readonly event: "restart";
  /** On its clock. */
  readonly at: Millis;
}

/** A sender was told that its message is stored. */
export interface Acknowledged {
  readonly event: "acknowledged";
  readonly member: MemberNumber;
  readonly request: string;
  readonly seq: number;
}

/** A participant took a message in, to write it to its log. */
export interface Taken {
  readonly event: "taken";
  readonly member: MemberNumber;
  readonly seq: number;
}

/** A message is in a participant's log, and will stay there. */
export interface Logged {
  readonly event: "logged";
  readonly member: MemberNumber;
  readonly seq: number;
  readonly at: Millis;
  readonly sender: MemberNumber;
  readonly text: string;
}

/** Something that happened. */
export type PersistentEvent =
  | Stored
  | MembershipChange
  | Alive
  | Restarted
  | Acknowledged
  | Taken
  | Logged;

/** A run. */
export interface PersistentHistory {
  /** The names of the members. */
  readonly members: readonly string[];
  readonly tdMs: Millis;
  /** A member that has given a sign of life within this time may count as alive. */
  readonly silenceMs: Millis;
  /** In the order in which it happened. */
  readonly events: readonly PersistentEvent[];
  /** Whether everything had healed in the end, and there was time enough for everything. */
  readonly isSettled: boolean;
}
