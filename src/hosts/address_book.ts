/**
 * Where datagrams to hosts with names go, for senders that can't wait: a name is looked up in the
 * background, and until it has an address, what is sent to it is lost.
 *
 * @module
 */

import { isIP } from "node:net";
import { type Address, formatAddress } from "../wire/address.ts";
import { resolveHost } from "./resolve.ts";

/** A name that nobody knows may belong to a machine that is about to start. */
const LOOK_UP_AGAIN_MS = 2000;

/** So many addresses are remembered. */
const MAX_ENTRIES = 2000;

/** A destination. */
export interface Destination {
  /** Counts the destinations from 0. */
  readonly index: number;
  readonly address: Deno.NetAddr;
}

interface Entry {
  readonly index: number;
  destination: Destination | undefined;
  /** When to look again; Infinity while looking, and when found. */
  retryAt: number;
}

/** Addresses that a socket of one family can send to. */
export class AddressBook {
  readonly #family: 4 | 6;
  readonly #entries = new Map<string, Entry>();

  constructor(family: 4 | 6) {
    this.#family = family;
  }

  /** Where to send, or undefined if that isn't known (yet). */
  find(address: Address): Destination | undefined {
    const key = formatAddress(address);
    const entry = this.#entries.get(key) ?? this.#add(key, address);
    if (performance.now() >= entry.retryAt) void this.#lookUp(entry, address);
    return entry.destination;
  }

  #add(key: string, { host: hostname, port }: Address): Entry {
    const index = this.#nextIndex();
    const isKnown = isIP(hostname) === this.#family;
    const destination: Destination | undefined = isKnown
      ? { index, address: { transport: "udp", hostname, port } }
      : undefined;
    const entry = { index, destination, retryAt: isKnown ? Infinity : -Infinity };
    this.#entries.set(key, entry);
    return entry;
  }

  /** A full book forgets its oldest entry, and the index is used again. */
  #nextIndex(): number {
    const oldest = this.#entries.entries().next().value;
    if (oldest === undefined || this.#entries.size < MAX_ENTRIES) return this.#entries.size;
    this.#entries.delete(oldest[0]);
    return oldest[1].index;
  }

  async #lookUp(entry: Entry, { host, port }: Address): Promise<void> {
    entry.retryAt = Infinity;
    try {
      const hostname = await resolveHost(host, { family: this.#family });
      entry.destination = {
        index: entry.index,
        address: { transport: "udp", hostname, port },
      };
    } catch {
      entry.retryAt = performance.now() + LOOK_UP_AGAIN_MS;
    }
  }
}
