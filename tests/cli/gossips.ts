/**
 * A gossip network whose nodes run beside a test.
 *
 * @module
 */

import { freePorts } from "../free_ports.ts";
import { type PrintedEvent, RunningProcess, type StartOptions } from "./processes.ts";

/** A machines file and the nodes that were started. */
export class Gossips implements AsyncDisposable {
  readonly #running = new AsyncDisposableStack();
  readonly folder: string;
  readonly file: string;
  readonly names: readonly string[];
  /** The nodes' addresses, in the sequence of the file. */
  readonly addresses: readonly string[];

  /** Writes a machines file with these names; nobody runs yet. */
  static async of(...names: string[]): Promise<Gossips> {
    return await Gossips.at(freePorts(names.length).map((port) => `127.0.0.1:${port}`), names);
  }

  /** The same with addresses. */
  static async at(addresses: readonly string[], names: readonly string[]): Promise<Gossips> {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-gossip-" });
    const lines = names.map((name, i) => `${name} ${addresses[i]}\n`);
    await Deno.writeTextFile(`${folder}/machines.txt`, lines.join(""));
    return new Gossips(folder, names, addresses);
  }

  private constructor(folder: string, names: readonly string[], addresses: readonly string[]) {
    this.folder = folder;
    this.file = `${folder}/machines.txt`;
    this.names = names;
    this.addresses = addresses;
    this.#running.defer(() => Deno.remove(folder, { recursive: true }));
  }

  /** The words that make a process a node. */
  words(name: string, ...more: string[]): string[] {
    return ["gossip", "--machines", this.file, "--name", name, ...more];
  }

  /** Starts a node. It ends with the network. */
  start(name: string, more: readonly string[] = [], options: StartOptions = {}): RunningProcess {
    const words = this.words(name, "--json", "--quiet", ...more);
    return this.#running.use(RunningProcess.start(words, options));
  }

  /** Starts all nodes, each of which adds the one before it, and waits until all know all. */
  async startAll(...more: string[]): Promise<RunningProcess[]> {
    const nodes = this.names.map((name, i) =>
      this.start(name, i === 0 ? more : ["--peers", this.names[i - 1]!, ...more])
    );
    await this.meet(nodes);
    return nodes;
  }

  /** Resolves when each of these, which are all that run, takes all others for being up. */
  async meet(nodes: readonly RunningProcess[]): Promise<void> {
    for (const node of nodes) await node.prints(() => upOf(node).size === nodes.length - 1);
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** Whom a node takes for being up, as far as it has printed. */
export function upOf(node: RunningProcess): Set<string> {
  const up = new Set<string>();
  for (const { name, state } of node.events("peer")) {
    if (state === "up") up.add(String(name));
    else up.delete(String(name));
  }
  return up;
}

/** The texts of the rumors that a node has heard, in any order; what was heard twice stands there
 * twice. */
export function heardBy(node: RunningProcess): string[] {
  return node.events("rumor").map(({ text }) => String(text)).sort();
}

/** Resolves when a node has heard this. */
export async function hears(node: RunningProcess, text: string): Promise<PrintedEvent> {
  return await node.event("rumor", (event) => event.text === text);
}

/** Types a command, and returns the answer. */
export async function tell(node: RunningProcess, command: string): Promise<PrintedEvent> {
  const kinds = ["ok", "error"] as const;
  const seen = kinds.map((kind) => node.events(kind).length);
  const fresh = () => kinds.flatMap((kind, i) => node.events(kind).slice(seen[i]));
  await node.type(`${command}\n`);
  await node.prints(() => fresh().length > 0);
  return fresh()[0]!;
}
