/**
 * mpcomm as its users run it: five nodes, each a process of its own, told what to do by lines on their
 * stdin.
 *
 * @module
 */

import { selfCommand } from "../../../src/hosts/self_command.ts";
import type { Millis } from "../../../src/protocols/process.ts";
import {
  type Client,
  CLIENTS,
  type Contender,
  freePorts,
  type LeaseKind,
  pause,
  type Service,
  WARM_UP_MS,
} from "./measurement.ts";

const NAMES = ["a", "b", "c", "d", "e"].slice(0, CLIENTS);

const LEASE: Readonly<Record<LeaseKind, readonly string[]>> = {
  default: [],
  short: ["--lease", "500ms"],
};

/** How many holders are killed of one ring: the others must be a majority. */
const KILLS_A_RING = 2;

/** A ring of five. */
export function mpcomm(): Contender {
  return {
    system: "mpcomm",
    setup: `${CLIENTS} nodes`,
    start: startService,
    kill: killHolders,
    countHops,
  };
}

async function startService(folder: string): Promise<Service> {
  const ring = await Ring.start(folder, ["--json"]);
  return {
    clients: ring.nodes,
    runCommand: async () => {
      const args = ["tokenring", "--machines", ring.machines, "--name", "b", "lock", "--", "true"];
      const { command, args: words } = selfCommand(args);
      const { success } = await new Deno.Command(command, { args: words, stderr: "inherit" })
        .output();
      if (!success) throw new Error("lock -- true failed");
    },
    [Symbol.asyncDispose]: () => ring.end(),
  };
}

async function killHolders(folder: string, lease: LeaseKind, kills: number): Promise<Millis[]> {
  const times: Millis[] = [];
  while (times.length < kills) {
    const dir = await Deno.makeTempDir({ dir: folder });
    const ring = await Ring.start(dir, ["--json", ...LEASE[lease]]);
    try {
      await ring.nodes[0]!.lock();
      for (let i = 0; i < KILLS_A_RING && times.length < kills; i++) {
        const next = ring.nodes[i + 1]!.lock();
        await pause(300 + Math.random() * 500);
        ring.nodes[i]!.kill();
        const since = performance.now();
        await next;
        times.push(performance.now() - since);
      }
    } finally {
      await ring.end();
    }
  }
  return times;
}

async function countHops(folder: string, ms: Millis): Promise<number> {
  // Without --json: nobody wants to read each hop.
  const ring = await Ring.start(folder, ["--pace", "0ms"]);
  try {
    await pause(WARM_UP_MS);
    const [node] = ring.nodes;
    const [before, since] = [await node!.tokenValue(), performance.now()];
    await pause(ms);
    const hops = await node!.tokenValue() - before;
    return hops / (performance.now() - since) * 1000;
  } finally {
    await ring.end();
  }
}

/** All nodes of a machines file. */
class Ring {
  readonly machines: string;
  readonly nodes: readonly Node[];

  /** Resolves when all are in the ring. */
  static async start(folder: string, args: readonly string[]): Promise<Ring> {
    const machines = `${folder}/machines`;
    const ports = freePorts(NAMES.length);
    const lines = NAMES.map((name, i) => `${name} 127.0.0.1:${ports[i]}\n`);
    await Deno.writeTextFile(machines, lines.join(""));
    const ring = new Ring(folder, machines, args);
    await Promise.all(ring.nodes.map((node) => node.until(isWholeRing)));
    return ring;
  }

  private constructor(folder: string, machines: string, args: readonly string[]) {
    this.machines = machines;
    this.nodes = NAMES.map((name) =>
      new Node(
        ["tokenring", "--machines", machines, "--name", name, "--start", ...args],
        { XDG_STATE_HOME: folder },
      )
    );
  }

  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
  }
}

/** Whether a line says that all are in the ring, to a program or to people. */
function isWholeRing(line: string): boolean {
  const isView = line.startsWith('{"event":"view"') && line.includes(JSON.stringify(NAMES));
  return isView || line === `In the ring: ${NAMES.slice(0, -1).join(", ")} and ${NAMES.at(-1)}`;
}

/** A node, and whoever sits before it. */
class Node implements Client {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  /** Who waits for a line, and what it looks like. */
  readonly #waiting = new Map<(line: string) => boolean, (line: string) => void>();
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], env: Record<string, string>) {
    const { command, args: words } = selfCommand(args);
    this.#child = new Deno.Command(command, {
      ...{ args: words, env, stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    const { stdout, stderr, status } = this.#child;
    this.#ended = Promise.all([this.#read(stdout), this.#read(stderr), status]);
  }

  async lock(): Promise<number> {
    const locked = this.until((line) => line.startsWith('{"event":"locked"'));
    this.#say("lock");
    return JSON.parse(await locked).fence;
  }

  async unlock(): Promise<void> {
    const unlocked = this.until((line) => line.startsWith('{"event":"unlocked"'));
    this.#say("unlock");
    await unlocked;
  }

  /** The value of the token, as it was last seen here. */
  async tokenValue(): Promise<number> {
    const answer = this.until((line) => line.includes("of epoch"));
    this.#say("status");
    return Number(/token (\d+) of epoch/.exec(await answer)?.[1]);
  }

  /** The next line that is so. */
  until(isSo: (line: string) => boolean): Promise<string> {
    return new Promise((resolve) => this.#waiting.set(isSo, resolve));
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
    await this.#input.close().catch(() => {/* Nobody reads it any more. */});
  }

  #say(command: string): void {
    this.#input.write(this.#encoder.encode(`${command}\n`)).catch(() => {/* It was killed. */});
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of stream) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#heard(line);
    }
  }

  #heard(line: string): void {
    for (const [isSo, resolve] of this.#waiting) {
      if (!isSo(line)) continue;
      this.#waiting.delete(isSo);
      resolve(line);
    }
  }
}
