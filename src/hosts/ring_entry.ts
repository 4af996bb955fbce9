/**
 * The way to a ring's lock for a process that doesn't care where the node runs: through the node of
 * that name that runs on this machine, or as that node.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { pause } from "./pause.ts";
import { RingClient } from "./ring_client.ts";
import { identifyRing } from "./ring_identity.ts";
import type { Lockable, LockHandle } from "./ring_lock.ts";
import { isTaken, RingNode, type TokenRingHostOptions } from "./ring_node.ts";

/** So long the node's port may be taken by somebody who doesn't answer: a node that starts or ends. */
const PATIENCE_MS: Millis = 3000;
const PAUSE_MS: Millis = 50;

/** The other process has so long to say that it has taken the lock back. */
const UNLOCK_MS: Millis = 1000;

/** A way to the lock. */
export interface RingEntry extends Lockable {
  /** Lets go of the lock, if there was a wish for it, and leaves the ring, or the other process alone. */
  leave(handle: LockHandle | null): Promise<void>;
}

/**
 * Finds the node, or becomes it.
 *
 * @throws {Error} in one line, if neither is possible.
 */
export async function enterRing(options: TokenRingHostOptions): Promise<RingEntry> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await becomeNode(options);
    } catch (error) {
      if (!isTaken(error)) throw error;
      const client = await findNode(options).catch(() => null);
      if (client !== null) return client;
      if (performance.now() >= end) {
        throw new Error(`${(error as Error).message}, but not by a node of this ring`);
      }
    }
    await pause(PAUSE_MS * (1 + Math.random()));
  }
}

/** A node for as long as it is needed. It makes the token if there is none. */
async function becomeNode(options: TokenRingHostOptions): Promise<RingEntry> {
  const node = await RingNode.open(options);
  node.start();
  return {
    lock: (listener) => node.lock(listener),
    async leave(handle) {
      // First of all it sends those away who wait through it: they would get the lock of a node that
      // is about to go.
      const leaving = node.leave();
      await handle?.unlock();
      await leaving;
    },
  };
}

async function findNode(options: TokenRingHostOptions): Promise<RingEntry> {
  const { machines, self, leaseMs } = options;
  const { name, address } = machines[self]!;
  const { group } = await identifyRing(machines, leaseMs);
  const client = await RingClient.connect({ node: name, address, group, leaseMs });
  return {
    lock: (listener) => client.lock(listener),
    async leave(handle) {
      // A node that stands still doesn't answer; the connection's end tells it later.
      await Promise.race([handle?.unlock(), pause(UNLOCK_MS)]);
      client.close();
    },
  };
}
