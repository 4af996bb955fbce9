/**
 * What a node of a gossip network wants from its host. Everything is enqueued, and nothing calls back
 * in.
 *
 * @module
 */

import type { GossipMessage, NodeName, Rumor } from "./messages.ts";

/** A host. */
export interface GossipOutbox {
  /** Sends a message to who is at this address (`HOST:PORT`). It may be lost, doubled, late and
   * overtaken. It may be larger than a datagram. */
  send(address: string, message: GossipMessage): void;
  /** Finds out whether anybody listens at this address. If the machine there says that nobody does,
   * `refused` is called; if it says nothing, nothing is. */
  check(address: string): void;
  /** A rumor that this node did not know. Told once for each, its own included (with 0 hops). */
  heard(rumor: Rumor): void;
  /** A node has come, or has come back; or it has gone. */
  peer(name: NodeName, isUp: boolean, address: string): void;
  /** Another process at this address has our name, and was started later: there can't be both. */
  displaced(address: string): void;
  /** It has left: the others have been told. */
  left(): void;
}
