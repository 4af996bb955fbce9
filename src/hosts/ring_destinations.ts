/**
 * Where the machines of a token ring are.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { AddressBook } from "./address_book.ts";
import type { Address } from "./address.ts";
import type { RingMachine } from "./ring_identity.ts";

/** The addresses of a machines file. */
export class RingDestinations {
  readonly #machines: readonly RingMachine[];
  readonly #book: AddressBook;
  /** By node, once it is known. */
  readonly #known: (Deno.NetAddr | undefined)[];

  /** For a socket at this address. */
  constructor(machines: readonly RingMachine[], { host }: Address) {
    this.#machines = machines;
    this.#book = new AddressBook(host.includes(":") ? 6 : 4);
    this.#known = new Array(machines.length).fill(undefined);
  }

  /** Where to send; undefined as long as the name of its host is being looked up. */
  of(node: ProcessId): Deno.NetAddr | undefined {
    const known = this.#known[node];
    if (known !== undefined) return known;
    return this.#known[node] = this.#book.find(this.#machines[node]!.address)?.address;
  }

  /** Whether a machine of the file is at this address. */
  isKnown({ host, port }: Address): boolean {
    return this.#machines.some((machine, node) =>
      machine.address.port === port && this.of(node)?.hostname === host
    );
  }

  /** Whether a machine of the file has this address, at whatever port. */
  isHost(host: string): boolean {
    return this.#machines.some((_, node) => this.of(node)?.hostname === host);
  }
}
