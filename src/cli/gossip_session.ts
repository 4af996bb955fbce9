/**
 * The user of a node of a gossip network: does what is typed or read, and answers each command once.
 *
 * @module
 */

import type { GossipEvent, GossipHost } from "../hosts/gossip_host.ts";
import { MAX_RUMOR_BYTES, rumorName } from "../hosts/gossip_host.ts";
import { parseGossipInput } from "./gossip_input.ts";
import { isUp, refuseToAdd } from "./gossip_machines.ts";
import type { GossipOutput } from "./gossip_output.ts";
import type { GroupMember } from "./members_file.ts";

/** What a session needs of a node. */
export type GossipPort = Pick<GossipHost, "join" | "say" | "rumors" | "report">;

/** Whose session it is. */
export interface GossipSessionOptions {
  /** What stands in the file. */
  readonly machines: readonly GroupMember[];
  /** The file's name. */
  readonly path: string;
  /** The node's own name. */
  readonly self: string;
}

/** The longest line, in UTF-16 units: a rumor, and one by which what is too long is known. */
export const LONGEST_LINE = "say ".length + MAX_RUMOR_BYTES + 1;

/** Does commands. */
export class GossipSession {
  readonly #options: GossipSessionOptions;
  readonly #node: GossipPort;
  readonly #output: GossipOutput;
  readonly #added = new Set<string>();
  readonly #quit = Promise.withResolvers<void>();
  #hasQuit = false;

  constructor(options: GossipSessionOptions, node: GossipPort, output: GossipOutput) {
    this.#options = options;
    this.#node = node;
    this.#output = output;
  }

  /** Resolves after `quit`. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  /** Follows what happens to the node. */
  follow(event: GossipEvent): void {
    this.#output.report(event);
  }

  /** Adds nodes that are known to be in the file. */
  begin(names: readonly string[]): void {
    for (const name of names) this.#join(name);
  }

  /** Does what a line says, until one says `quit`. */
  feed(line: string): void {
    const input = this.#hasQuit ? null : parseGossipInput(line);
    if (input === null) return;
    switch (input.command) {
      case null:
        return this.#output.refuse(input.word, input.reason);
      case "add":
        return this.#add(input.name);
      case "say":
        return this.#say(input.text);
      case "list":
        return this.#output.list(this.#node.rumors);
      case "status":
        return this.#output.status(this.#node.report);
      case "help":
        return this.#output.help();
      case "quit":
        this.#hasQuit = true;
        this.#output.ok("quit", "goodbye");
        this.#quit.resolve();
    }
  }

  #say(text: string): void {
    try {
      const rumor = this.#node.say(text);
      this.#output.ok("say", "", { id: rumorName(rumor) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#output.refuse("say", error.message);
    }
  }

  #add(name: string): void {
    const { machines, path, self } = this.#options;
    const known = this.#node.report.peers.find((peer) => peer.name === name);
    // Who has said goodbye is looked for no more: it may be added again.
    const added = known?.state === "left" ? [] : [...this.#added];
    const refusal = refuseToAdd(name, { machines, path, self, added });
    if (refusal !== null) return this.#output.refuse("add", refusal);
    this.#join(name);
    const isThere = known !== undefined && isUp(known);
    this.#output.ok("add", isThere ? `${name} is up already` : `looking for ${name}`, { name });
  }

  #join(name: string): void {
    this.#added.add(name);
    this.#node.join(name, this.#options.machines.find((machine) => machine.name === name)!.address);
  }
}
