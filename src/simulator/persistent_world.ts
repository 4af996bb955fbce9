/**
 * What the processes of a simulated persistent multicast share: time, network, a note of everything
 * that an observer sees, and each other's ports.
 *
 * @module
 */

import type { MemberNumber, PersistentEvent } from "../history/persistent_history.ts";
import type {
  LinkEnd,
  MemberId,
  Message,
  Reply,
  Request,
} from "../protocols/persistent/messages.ts";
import type { OpenWords } from "../protocols/persistent/participant.ts";
import type { PersistentFaultCounts } from "./persistent_faults.ts";
import type { PersistentSimulationOptions } from "./persistent_options.ts";
import type {
  ConnectionEnd,
  SimulatedConnection,
  SimulatedInternet,
} from "./simulated_connection.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What the coordinator says on a delivery connection. */
export type Delivery =
  | ({ readonly type: "open" } & OpenWords)
  | { readonly type: "deliver"; readonly messages: readonly Message[] }
  | { readonly type: "end"; readonly why: LinkEnd };

/** What a participant says on it. */
export type DeliveryAnswer =
  | { readonly type: "opened"; readonly logged: number }
  | { readonly type: "logged"; readonly seq: number };

/** A connection that the coordinator opens to a participant. */
export type DeliveryConnection = SimulatedConnection<DeliveryAnswer, Delivery>;

/** A connection that a participant opens to the coordinator. */
export type RequestConnection = SimulatedConnection<Reply, Request>;

/** Where somebody listens. */
export interface Listener<Connection, In> {
  /** A connection comes in. Returns its end here; null if nobody listens. */
  accept(connection: Connection): ConnectionEnd<In> | null;
}

/** Something that was seen. */
export interface Observation {
  readonly event: PersistentEvent;
  /** It was undone before it could have an effect. */
  isUndone: boolean;
}

/** What the processes share. */
export interface PersistentWorld {
  readonly options: PersistentSimulationOptions;
  readonly time: VirtualTime;
  readonly net: SimulatedInternet;
  readonly counts: PersistentFaultCounts;
  /** Notes what an observer sees. */
  observe(event: PersistentEvent): Observation;
  /** The number of a member. */
  numberOf(id: MemberId): MemberNumber;
}
