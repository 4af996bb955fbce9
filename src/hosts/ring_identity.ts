/**
 * Which ring this is, so that two of them never mix.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { MAX_NODES } from "../protocols/token_ring/messages.ts";
import { type Address, formatAddress } from "../wire/address.ts";

/** A machines file has at most so many lines. */
export const MAX_RING_NODES = MAX_NODES;

/** A line of a machines file. */
export interface RingMachine {
  readonly name: string;
  /** Of its UDP and its TCP port. */
  readonly address: Address;
}

/** What tells a ring from others. */
export interface RingIdentity {
  /** Names the machines: the state that a node keeps belongs to it. */
  readonly ring: string;
  /** Stands in each datagram: machines, and the lease, on whose length all have to agree. */
  readonly group: number;
}

/** How many bytes of a hash name a ring. */
const NAME_BYTES = 8;

/** Who has the same machines in the same sequence, and the same lease, is in the same ring. */
export async function identifyRing(
  machines: readonly RingMachine[],
  leaseMs: Millis,
): Promise<RingIdentity> {
  const lines = machines.map(({ name, address }) =>
    `${name} ${formatAddress(address).toLowerCase()}\n`
  );
  const ring = await hash(lines.join(""));
  const group = await hash(`${ring.toHex()} ${leaseMs}`);
  const number = new DataView(group.buffer).getBigUint64(0) >> 11n; // 53 bits
  return { ring: ring.slice(0, NAME_BYTES).toHex(), group: Number(number) };
}

/** Another number in each process of a node; never 0. */
export function newIncarnation(): number {
  for (;;) {
    const [number] = crypto.getRandomValues(new Uint32Array(1));
    if (number !== 0) return number!;
  }
}

/** The names of nodes. */
export function namesOf(
  machines: readonly RingMachine[],
  nodes: Iterable<ProcessId>,
): string[] {
  return Array.from(nodes, (node) => machines[node]!.name);
}

async function hash(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
