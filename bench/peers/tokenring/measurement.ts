/**
 * What is measured of a lock, of whichever system: five clients on one machine.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";

/** So many clients; of mpcomm, each is a node. */
export const CLIENTS = 5;

/** A token goes round for so long before its hops are counted: by then all code is compiled, which
 * takes 20,000 hops of each process. */
export const WARM_UP_MS: Millis = 5000;

/** How long things last, and how often they are done. */
export interface Sizes {
  /** Grants to one client while nobody else waits. */
  readonly cycles: number;
  /** All clients lock and unlock for so long, in milliseconds. */
  readonly contentionMs: Millis;
  /** The token goes round for so long, in milliseconds. */
  readonly hopsMs: Millis;
  /** Holders that are killed, for each kind of lease. */
  readonly kills: number;
  /** Commands that are run under the lock. */
  readonly commands: number;
}

/** What came out of one run. NaN where a system has nothing of the kind. */
export interface Result {
  /** Hops of the token a second, nobody holding. */
  readonly hopsPerSecond: number;
  /** From asking to the grant, on an idle ring, in milliseconds. */
  readonly grantP50Ms: number;
  readonly grantP99Ms: number;
  /** Grants a second, all clients asking again as soon as they have let go. */
  readonly sectionsPerSecond: number;
  /** From kill -9 of the holder to the next grant, in milliseconds: as the system comes, and with a
   * short lease. */
  readonly takeoverMs: number;
  readonly shortTakeoverMs: number;
  /** A command under the lock, from the start of its process to its end, in milliseconds. */
  readonly commandMs: number;
}

/** Who wants the lock: one at a time for each client. */
export interface Client {
  /** Resolves when it has the lock, with the fencing number; null where there is none. */
  lock(): Promise<number | null>;
  unlock(): Promise<void>;
}

/** A running system. */
export interface Service extends AsyncDisposable {
  readonly clients: readonly Client[];
  /** Runs `true` under the lock. */
  readonly runCommand: () => Promise<void>;
}

/** A lease, as the system comes or as short as makes sense. */
export type LeaseKind = "default" | "short";

/** A system in one of the ways in which it can be set up. */
export interface Contender {
  readonly system: string;
  /** How it is set up, in a few words. */
  readonly setup: string;
  /** Starts it with an empty store in a folder; null if it has no lock. */
  readonly start: ((folder: string) => Promise<Service>) | null;
  /** Kills holders; returns how long the next grants took, in milliseconds. */
  readonly kill: ((folder: string, lease: LeaseKind, kills: number) => Promise<Millis[]>) | null;
  /** Hops a second; null where there are no hops. */
  readonly countHops: ((folder: string, ms: Millis) => Promise<number>) | null;
}

/** Resolves after a while. */
export function pause(ms: Millis): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ports that nobody uses at this moment, all different. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
