/**
 * What the machines of a simulated gossip network share: time, network, and a note of everything that an
 * observer sees.
 *
 * @module
 */

import type { GossipEvent, NodeRun, SaidRumor } from "../history/gossip_history.ts";
import type { RumorId } from "../protocols/gossip/messages.ts";
import type { ProcessId } from "../protocols/process.ts";
import type { GossipFaultCounts } from "./gossip_faults.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** An event without its time, which is now. */
export type GossipObservation = GossipEvent extends infer Event
  ? Event extends GossipEvent ? Omit<Event, "at"> : never
  : never;

/** What the machines share. */
export interface GossipWorld {
  readonly options: GossipSimulationOptions;
  readonly time: VirtualTime;
  readonly counts: GossipFaultCounts;
  /** A number that no process of this run has had. */
  newRun(): number;
  /** Notes what an observer sees. */
  observe(event: GossipObservation): void;
  /** Notes that a process tells somebody a rumor. */
  told(who: NodeRun, rumor: RumorId): void;
  /** Sends a message, in a datagram or over a connection. */
  transmit(from: ProcessId, address: string, bytes: Uint8Array): void;
  /** Finds out whether anybody listens at this address. */
  check(from: ProcessId, address: string): void;
  /** A process has ended: it will be started again, unless it is gone for good. */
  ended(self: ProcessId): void;
  /** Something is wrong that no history shows. */
  defect(what: string): void;
}

const PORT = 7000;

/** What a node is called. */
export function nodeName(node: ProcessId): string {
  return `n${node}`;
}

/** Where it is. */
export function nodeAddress(node: ProcessId): string {
  return `${nodeName(node)}:${PORT}`;
}

/** The node with this name or at this address. */
export function nodeOf(nameOrAddress: string): ProcessId {
  return parseInt(nameOrAddress.slice(1), 10);
}

/** A rumor as the observer names it. */
export function saidRumor({ origin, run, seq }: RumorId): SaidRumor {
  return { origin: nodeOf(origin), run, seq };
}
