/**
 * The machines file of a token ring, and who a node is in it.
 *
 * @module
 */

import { loadMembers } from "./members_file.ts";
import { nameList } from "./name_list.ts";
import { MAX_RING_NODES, type RingMachine } from "../hosts/ring_identity.ts";
import { VoteFileError } from "../hosts/ring_node.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Reads the file.
 *
 * @throws {UsageError} naming file and line, if it is none, or has too many machines.
 */
export async function loadMachines(path: string): Promise<readonly RingMachine[]> {
  const machines = await loadMembers(path).catch((error) => {
    throw new UsageError(`--machines: ${(error as Error).message}`);
  });
  if (machines.length > MAX_RING_NODES) {
    throw new UsageError(`--machines: ${path}: a ring has at most ${MAX_RING_NODES} machines`);
  }
  return machines;
}

/**
 * The place of a name in the file.
 *
 * @param option The option that named it.
 * @throws {UsageError} if it isn't there.
 */
export function placeOf(
  name: string,
  machines: readonly RingMachine[],
  option: "--name" | "--next",
  path: string,
): number {
  const place = machines.findIndex((machine) => machine.name === name);
  if (place >= 0) return place;
  const names = machines.map((machine) => machine.name);
  throw new UsageError(`${option}: there is no ${name} in ${path}, only ${nameList(names)}`);
}

/**
 * The place of whom a node passes the token to; null for the next in the file.
 *
 * @throws {UsageError} if it isn't there, or is the node itself.
 */
export function nextOf(
  { next, path, self }: { readonly next: string | undefined; path: string; self: number },
  machines: readonly RingMachine[],
): number | null {
  if (next === undefined) return null;
  const place = placeOf(next, machines, "--next", path);
  if (place === self) throw new UsageError(`--next: ${next} is the node itself`);
  return place;
}

/** Turns a failure that the user has to mend into a {@linkcode UsageError}, and leaves others as they
 * are. */
export function asUsageError(error: unknown): unknown {
  return error instanceof VoteFileError ? new UsageError(`--state: ${error.message}`) : error;
}
