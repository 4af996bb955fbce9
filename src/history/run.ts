/**
 * A run: the journals of a group that multicast in one order, and what is known about its end.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import type { Journal } from "./journal.ts";

/** What the checkers judge. */
export interface Run {
  /** How many processes the group had; their numbers are 0 to `processes - 1`. */
  readonly processes: number;
  /** The journals there are. A process that crashed or never answered may have none. */
  readonly journals: ReadonlyMap<ProcessId, Journal>;
  /** The processes that did not come to the end of the run: crashed, hung, or cut short.
   * A process without a journal is always among them. */
  readonly incomplete: ReadonlySet<ProcessId>;
}
