/**
 * What a deliberate mistake is.
 *
 * @module
 */

import { GROUP_PARTS, type GroupParts, GroupProcess } from "../../protocols/group_process.ts";
import type { Order } from "../../protocols/process.ts";
import type { MakeGroup } from "../simulated_process.ts";

/** A small variation of a real protocol that is wrong. */
export interface Bug {
  /** What it is called on the command line. */
  readonly name: string;
  /** The order of which it is a variation. */
  readonly order: Order;
  /** One sentence without a full stop: what the mistake is, and what goes wrong. */
  readonly explanation: string;
  /** What it violates: a property of the checkers, or `liveness`. */
  readonly caughtBy: string;
  /** Makes a process that makes the mistake. */
  readonly makeGroup: MakeGroup;
}

/** The real process with some parts exchanged. */
export function withParts(parts: Partial<GroupParts>): MakeGroup {
  return (options, outbox) => new GroupProcess(options, outbox, { ...GROUP_PARTS, ...parts });
}
