/**
 * mpcomm as its users run it: nodes that are processes of their own, told what to do by lines on their
 * stdin.
 *
 * @module
 */

import { selfCommand } from "../../../src/hosts/self_command.ts";
import { freePorts } from "../../../tests/free_ports.ts";
import { linesOf } from "../persistent/lines.ts";
import type { Contender, Counts, Listener, Network } from "./measurement.ts";

/** A network with these options. */
export function mpcomm(setup: string, args: readonly string[]): Contender {
  return {
    system: "mpcomm",
    setup,
    start: (folder, size, listener) => Gossip.start(folder, size, args, listener),
  };
}

class Gossip implements Network {
  readonly #nodes: readonly Node[];

  /** Each node adds the first one, and learns of the others from it. */
  static async start(
    folder: string,
    size: number,
    args: readonly string[],
    listener: Listener,
  ): Promise<Gossip> {
    const machines = `${folder}/machines`;
    const ports = freePorts(size);
    await Deno.writeTextFile(
      machines,
      ports.map((port, i) => `${nameOf(i)} 127.0.0.1:${port}\n`).join(""),
    );
    const nodes = ports.map((_, i) => {
      const words = ["gossip", "--machines", machines, "--name", nameOf(i), "--json", "--quiet"];
      const peers = i === 0 ? [] : ["--peers", nameOf(0)];
      return new Node(i, [...words, ...peers, ...args], listener);
    });
    const gossip = new Gossip(nodes);
    try {
      await Promise.all(nodes.map((node) => node.meet(size - 1)));
    } catch (error) {
      await gossip[Symbol.asyncDispose]();
      throw error;
    }
    return gossip;
  }

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  say(node: number, word: string): void {
    this.#nodes[node]!.tell(`say ${word}`);
  }

  kill(node: number): void {
    this.#nodes[node]!.kill();
  }

  async count(): Promise<Counts> {
    const all = await Promise.all(this.#nodes.map((node) => node.status()));
    const sum = (what: string) => all.reduce((total, status) => total + Number(status[what]), 0);
    return {
      told: sum("sent"),
      duplicates: sum("duplicates"),
      supplied: sum("supplied"),
      messages: sum("messages"),
      bytes: sum("bytes"),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end()));
  }
}

/** An event that a node has printed. */
type Printed = Readonly<Record<string, unknown>>;

/** A node, and whoever sits before it. */
class Node {
  readonly #number: number;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listener: Listener;
  readonly #ended: Promise<void>;
  /** Rejects when it has ended. */
  readonly #died: Promise<never>;
  /** How many others it takes for being up. */
  #up = 0;
  #onPeer = () => {};
  #onStatus = (_: Printed) => {};

  constructor(number: number, args: readonly string[], listener: Listener) {
    this.#number = number;
    this.#listener = listener;
    const { command, args: words } = selfCommand(args);
    this.#child = new Deno.Command(command, {
      ...{ args: words, stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#ended = this.#follow();
    this.#died = this.#ended.then(() => {
      throw new Error(`${nameOf(number)} has ended`);
    });
    this.#died.catch(() => {/* Only who waits for it is interested. */});
  }

  /** Resolves when it takes so many others for being up.
   *
   * @throws {Error} if it ends instead. */
  async meet(others: number): Promise<void> {
    const met = new Promise<void>((resolve) => {
      this.#onPeer = () => this.#up >= others && resolve();
      this.#onPeer();
    });
    await Promise.race([met, this.#died]);
  }

  tell(command: string): void {
    this.#input.write(new TextEncoder().encode(`${command}\n`)).catch(() => {/* It was killed. */});
  }

  async status(): Promise<Printed> {
    const answer = new Promise<Printed>((resolve) => this.#onStatus = resolve);
    this.tell("status");
    return await Promise.race([answer, this.#died]);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<void> {
    try {
      this.kill();
    } catch {
      // It was killed before.
    }
    await this.#ended;
  }

  async #follow(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) this.#take(JSON.parse(line));
    await this.#child.status;
    await this.#input.close().catch(() => {/* Nobody reads it any more. */});
  }

  #take(printed: Printed): void {
    const { event, text, name, state, command } = printed;
    if (event === "rumor") this.#listener.heard(this.#number, String(text));
    else if (event === "ok" && command === "status") this.#onStatus(printed);
    else if (event === "peer") {
      this.#up += state === "up" ? 1 : -1;
      if (state === "down") this.#listener.lost(this.#number, numberOf(String(name)));
      this.#onPeer();
    }
  }
}

function nameOf(node: number): string {
  return `n${node}`;
}

function numberOf(name: string): number {
  return Number(name.slice(1));
}
