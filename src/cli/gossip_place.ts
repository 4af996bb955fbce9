/**
 * Who a node of a gossip network is, and whom it begins with: told by options, or asked for on a
 * terminal.
 *
 * @module
 */

import type { GossipOptions } from "./gossip_command.ts";
import { refuseToAdd } from "./gossip_machines.ts";
import type { GroupMember } from "./members_file.ts";
import { nameList } from "./name_list.ts";
import type { Signals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { parseWholeNumber } from "./values/whole_number.ts";

/** A node, and whom it adds at first. */
export interface GossipPlace {
  readonly self: GroupMember;
  readonly peers: readonly string[];
}

/** Asks until an answer is accepted; null if the input ends instead. */
type Ask = <T>(question: string, accept: (answer: string) => T) => Promise<T | null>;

/**
 * Who the node is; null if the input ends, or a signal comes, while it is asked for.
 *
 * @throws {UsageError} naming the option that is wrong or missing.
 */
export async function placeInGossip(
  machines: readonly GroupMember[],
  { machines: path, name, peers }: GossipOptions,
  terminal: Terminal,
  signals: Signals,
): Promise<GossipPlace | null> {
  const names = machines.map((machine) => machine.name);
  const find = (name: string): GroupMember => {
    const self = machines.find((machine) => machine.name === name);
    if (self !== undefined) return self;
    throw new UsageError(`there is no ${name} in ${path}, only ${nameList(names)}`);
  };
  if (name === undefined && !terminal.interactive) {
    throw new UsageError(`--name is missing (in ${path}: ${nameList(names)})`);
  }
  const ask = asker(terminal, signals);
  const self = name === undefined
    ? await ask("Your name?", find)
    : inContext("--name", () => find(name));
  if (self === null) return null;
  const accept = (name: string, added: readonly string[]): string => {
    const refusal = refuseToAdd(name, { machines, path, self: self.name, added });
    if (refusal !== null) throw new UsageError(refusal);
    return name;
  };
  if (peers !== undefined) {
    return { self, peers: inContext("--peers", () => peers.map((peer) => accept(peer, []))) };
  }
  if (!terminal.interactive || machines.length === 1) return { self, peers: [] };
  const asked = await askForPeers(ask, machines.length - 1, accept);
  return asked === null ? null : { self, peers: asked };
}

async function askForPeers(
  ask: Ask,
  max: number,
  accept: (name: string, added: readonly string[]) => string,
): Promise<string[] | null> {
  const count = await ask(
    "How many nodes to add? [0]",
    (answer) => answer === "" ? 0 : parseWholeNumber(answer, { min: 0, max }),
  );
  if (count === null) return null;
  const peers: string[] = [];
  while (peers.length < count) {
    const peer = await ask(`Name of node ${peers.length + 1}?`, (name) => accept(name, peers));
    if (peer === null) return null;
    peers.push(peer);
  }
  return peers;
}

function asker(terminal: Terminal, signals: Signals): Ask {
  return async (question, accept) => {
    for (;;) {
      const answer = (await terminal.ask(question, signals.stop))?.trim();
      if (answer === undefined) return null;
      try {
        return accept(answer);
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
        terminal.error(error.message);
      }
    }
  };
}

/** Puts the option's name before what is wrong with it. */
function inContext<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${option}: ${error.message}`);
  }
}
