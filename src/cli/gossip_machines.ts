/**
 * The machines file of a gossip network, who a node is in it, and whom it may add.
 *
 * @module
 */

import { MAX_MEMBERS, type MemberRecord } from "../hosts/gossip_host.ts";
import { type GroupMember, loadMembers } from "./members_file.ts";
import { nameList } from "./name_list.ts";
import { quote } from "./quote.ts";
import { UsageError } from "./usage_error.ts";

/** What decides whether a node may be added. */
export interface Acquaintance {
  /** What stands in the file. */
  readonly machines: readonly GroupMember[];
  /** The file's name. */
  readonly path: string;
  /** The node's own name. */
  readonly self: string;
  /** Whom it has added so far. */
  readonly added: readonly string[];
}

/**
 * Reads the file.
 *
 * @throws {UsageError} naming file and line, if it is none, or has too many machines.
 */
export async function loadGossipMachines(path: string): Promise<readonly GroupMember[]> {
  return await loadMembers(path, MAX_MEMBERS).catch((error) => {
    throw new UsageError(`--machines: ${(error as Error).message}`);
  });
}

/** Why a node can't be added; null if it can. */
export function refuseToAdd(
  name: string,
  { machines, path, self, added }: Acquaintance,
): string | null {
  if (name === self) return `${name} is this node itself`;
  const names = machines.map((machine) => machine.name);
  if (!names.includes(name)) {
    return `there is no ${quote(name)} in ${path}, only ${nameList(names)}`;
  }
  return added.includes(name) ? `${name} was added already` : null;
}

/** Whether a node is taken for being there. */
export function isUp({ state }: MemberRecord): boolean {
  return state === "alive" || state === "suspect";
}
