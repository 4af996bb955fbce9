/**
 * The pings that a node has sent for others (SWIM, section 3.1), until they are answered.
 *
 * @module
 */

import type { NodeName, PingRequest } from "./messages.ts";

/** So many are remembered; of more, the oldest are forgotten. */
const MAX_RELAYS = 256;

/** Who is told of an answer. */
export interface Relay {
  readonly target: NodeName;
  /** Who has asked. */
  readonly address: string;
  /** What he calls his probe. */
  readonly probe: number;
}

/** What was asked for, by the number of our own ping. */
export class PingRelays {
  readonly #relays = new Map<number, Relay>();

  /** The request of who is at this address was fulfilled by ping `number`. */
  add(number: number, { target, probe }: PingRequest, address: string): void {
    this.#relays.set(number, { target, address, probe });
    if (this.#relays.size <= MAX_RELAYS) return;
    for (const oldest of this.#relays.keys()) {
      this.#relays.delete(oldest);
      return;
    }
  }

  /** The target has answered ping `number`. Returns whom to tell, if he has not been told. */
  take(number: number, target: NodeName): Relay | undefined {
    const relay = this.#relays.get(number);
    if (relay?.target !== target) return undefined;
    this.#relays.delete(number);
    return relay;
  }
}
