/**
 * A token ring whose nodes run beside a test.
 *
 * @module
 */

import { freePorts } from "../free_ports.ts";
import { type Ending, type PrintedEvent, RunningProcess, runToEnd } from "./processes.ts";

/** The lease of these rings: long enough for a busy machine. */
const LEASE = "1500ms";

/** A machines file and the nodes that were started. */
export class Ring implements AsyncDisposable {
  readonly #running = new AsyncDisposableStack();
  readonly folder: string;
  readonly file: string;
  readonly names: readonly string[];
  /** The nodes' addresses, in the sequence of the file. */
  readonly addresses: readonly string[];

  /** Writes a machines file with these names; nobody runs yet. */
  static async of(...names: string[]): Promise<Ring> {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-ring-" });
    const addresses = freePorts(names.length).map((port) => `127.0.0.1:${port}`);
    const lines = names.map((name, i) => `${name} ${addresses[i]}\n`);
    await Deno.writeTextFile(`${folder}/machines.txt`, lines.join(""));
    return new Ring(folder, names, addresses);
  }

  private constructor(folder: string, names: readonly string[], addresses: readonly string[]) {
    this.folder = folder;
    this.file = `${folder}/machines.txt`;
    this.names = names;
    this.addresses = addresses;
    this.#running.defer(() => Deno.remove(folder, { recursive: true }));
  }

  /** What keeps the votes out of the way of others. */
  get env(): Record<string, string> {
    return { XDG_STATE_HOME: `${this.folder}/state` };
  }

  /** The words that make a process a node. */
  words(name: string, ...more: string[]): string[] {
    return ["tokenring", "--machines", this.file, "--name", name, "--lease", LEASE, ...more];
  }

  /** Starts a node. It ends with the ring. */
  start(name: string, ...more: string[]): RunningProcess {
    return this.#running.use(
      RunningProcess.start(this.words(name, "--pace", "20ms", "--json", ...more), {
        env: this.env,
      }),
    );
  }

  /** Starts all nodes and the ring, and waits until all are in it. */
  async startAll(): Promise<RunningProcess[]> {
    const nodes = this.names.map((name, i) => this.start(name, ...i === 0 ? ["--start"] : []));
    await Promise.all(nodes.map((node) => inRing(node, this.names)));
    return nodes;
  }

  /** Starts `lock -- COMMAND`. */
  lock(name: string, options: readonly string[], command: readonly string[]): RunningProcess {
    return this.#running.use(
      RunningProcess.start(this.words(name, "lock", ...options, "--", ...command), {
        env: this.env,
      }),
    );
  }

  /** Runs `lock -- COMMAND` to its end. */
  async runLocked(
    name: string,
    options: readonly string[],
    command: readonly string[],
  ): Promise<Ending> {
    return await runToEnd(this.words(name, "lock", ...options, "--", ...command), {
      env: this.env,
    });
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** Resolves when the view of a node has exactly these names in it. */
export async function inRing(node: RunningProcess, names: readonly string[]): Promise<void> {
  const wanted = [...names].sort().join(" ");
  await node.event("view", ({ members }) => {
    return [...members as string[]].sort().join(" ") === wanted;
  });
}

/** Types a command, and returns the answer. */
export async function tell(node: RunningProcess, command: string): Promise<PrintedEvent> {
  const answers = () => [...node.events("ok"), ...node.events("error")].length;
  const before = answers();
  const seen = ["ok", "error"].map((kind) => node.events(kind).length);
  await node.type(`${command}\n`);
  await node.prints(() => answers() > before);
  return ["ok", "error"].flatMap((kind, i) => node.events(kind).slice(seen[i]))[0]!;
}
