/**
 * What a run of a simulated persistent multicast is.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { Coordinator, type CoordinatorOptions } from "../protocols/persistent/coordinator.ts";
import type { CoordinatorOutbox } from "../protocols/persistent/coordinator_outbox.ts";
import type { MemberId } from "../protocols/persistent/messages.ts";
import { type LogState, Participant } from "../protocols/persistent/participant.ts";
import type { PersistentFaults } from "./persistent_faults.ts";

/** Makes the two protocols, or variations of them. */
export interface PersistentMakers {
  makeCoordinator(
    options: CoordinatorOptions,
    outbox: CoordinatorOutbox,
    now: Millis,
  ): Coordinator;
  makeParticipant(id: MemberId, log: LogState): Participant;
}

/** The real ones. */
export const REAL_PROTOCOLS: PersistentMakers = {
  makeCoordinator: (options, outbox, now) => new Coordinator(options, outbox, now),
  makeParticipant: (id, log) => new Participant(id, log),
};

/** What a run is. */
export interface PersistentSimulationOptions {
  readonly seed: number;
  readonly participants: number;
  /** The persistence threshold. */
  readonly tdMs: Millis;
  /** How many messages each participant sends, as far as it gets to. */
  readonly messages: number;
  /** The pause between two commands of a participant is drawn evenly from this range. */
  readonly intervalMinMs: Millis;
  readonly intervalMaxMs: Millis;
  /** If above 0, commands are given at multiples of this time, so that times often are equal. */
  readonly gridMs: Millis;
  /** Messages are up to so long. */
  readonly payloadBytes: number;
  /** Which share of the commands is a disconnection, rather than a message. */
  readonly disconnectRate: number;
  /** And which share is a deregistration. */
  readonly deregisterRate: number;
  /** The longest time that a participant's disk takes to make its log durable. */
  readonly syncMaxMs: Millis;
  /** At most so many messages are on their way to a member. */
  readonly windowMessages: number;
  /** How long the coordinator waits after a push, for each member that it went to. */
  readonly pushPauseMs: Millis;
  readonly faults: PersistentFaults;
  /** How long things go wrong; then everything heals. */
  readonly faultPeriodMs: Millis;
  /** From the healing on, everything must have arrived within this time. */
  readonly livenessMs: Millis;
  readonly makers?: PersistentMakers;
}
