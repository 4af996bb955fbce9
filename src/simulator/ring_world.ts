/**
 * What the machines of a simulated token ring share: time, network, and a note of everything that an
 * observer sees.
 *
 * @module
 */

import type { RingEvent } from "../history/ring_history.ts";
import type { ProcessId } from "../protocols/process.ts";
import type { RingFaultCounts } from "./ring_faults.ts";
import type { RingSimulationOptions } from "./ring_options.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** An event without its time, which is now. */
export type RingObservation = RingEvent extends infer Event
  ? Event extends RingEvent ? Omit<Event, "at"> : never
  : never;

/** What the machines share. */
export interface RingWorld {
  readonly options: RingSimulationOptions;
  readonly time: VirtualTime;
  readonly counts: RingFaultCounts;
  /** Whether nobody begins to wait for the lock any more. */
  readonly isQuiet: boolean;
  /** A number that no request of this run has had. */
  newRequest(): number;
  /** Notes what an observer sees. */
  observe(event: RingObservation): void;
  /** Sends a datagram. */
  transmit(from: ProcessId, to: ProcessId, bytes: Uint8Array): void;
  /** A process has ended: it will be started again. */
  ended(self: ProcessId): void;
  /** Something is wrong that no history shows. */
  defect(what: string): void;
}
