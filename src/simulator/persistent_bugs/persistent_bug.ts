/**
 * What a deliberate mistake in persistent multicast is.
 *
 * @module
 */

import {
  Coordinator,
  COORDINATOR_PARTS,
  type CoordinatorParts,
} from "../../protocols/persistent/coordinator.ts";
import type { MessageLog } from "../../protocols/persistent/message_log.ts";
import { type PersistentMakers, REAL_PROTOCOLS } from "../persistent_options.ts";

/** A small variation of the real protocol that is wrong. */
export interface PersistentBug {
  /** What it is called on the command line. */
  readonly name: string;
  /** One sentence without a full stop: what the mistake is, and what goes wrong. */
  readonly explanation: string;
  /** The property that it violates, or `liveness`. */
  readonly caughtBy: string;
  /** Makes processes that make the mistake. */
  readonly makers: PersistentMakers;
}

/** The real coordinator with some parts exchanged. */
export function withParts(parts: Partial<CoordinatorParts>): PersistentMakers {
  return {
    ...REAL_PROTOCOLS,
    makeCoordinator: (options, outbox, now) =>
      new Coordinator(options, outbox, now, { ...COORDINATOR_PARTS, ...parts }),
  };
}

/** The real coordinator with a log that does something else. */
export function withLog(change: (log: MessageLog) => MessageLog): PersistentMakers {
  return {
    ...REAL_PROTOCOLS,
    makeCoordinator: (options, outbox, now) =>
      new Coordinator({ ...options, log: change(options.log) }, outbox, now),
  };
}
