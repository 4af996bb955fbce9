/**
 * Machines that take themselves for nodes of another ring: each is told of once.
 *
 * @module
 */

import { type Address, formatAddress } from "./address.ts";

/** Remembers whom its user was told of. */
export class RingStrangers {
  readonly #onFirst: (address: string) => void;
  readonly #known = new Set<string>();

  constructor(onFirst: (address: string) => void) {
    this.#onFirst = onFirst;
  }

  /** A datagram of another ring came from a machine of the file. */
  heard(from: Address): void {
    const address = formatAddress(from);
    if (this.#known.has(address)) return;
    this.#known.add(address);
    this.#onFirst(address);
  }
}
