/**
 * serf: an agent a node, told what to do by its RPC on a kept connection.
 *
 * An agent holds news of members back for a second or more, to tell several at a time; this is part of
 * what its users see. What it sends is counted by itself, and sent to a port of ours.
 *
 * @module
 */

import { freePorts } from "../../../tests/free_ports.ts";
import { type Contender, type Counts, type Listener, type Network, pause } from "./measurement.ts";
import { type SerfEvent, SerfRpc } from "./serf_rpc.ts";

/** How to get it. */
export const INSTALL = "apt-get install serf";

/** A network with the settings of a profile: `lan` is what it takes by default. */
export function serf(profile: "lan" | "local"): Contender {
  return {
    system: "serf",
    setup: `profile ${profile}`,
    start: (folder, size, listener) => Cluster.start(folder, size, profile, listener),
  };
}

/** How often something is asked for that an agent doesn't tell by itself. */
const POLL_MS = 100;

/** What an agent reports of each message, by UDP or TCP. */
const SENT = /memberlist\.(?:udp|tcp)\.sent:([\d.]+)\|c/g;

class Cluster implements Network {
  readonly #agents: readonly Agent[];
  readonly #traffic: TrafficCounter;

  /** The first agent is there when the others are started: who finds nobody to join ends. */
  static async start(
    folder: string,
    size: number,
    profile: string,
    listener: Listener,
  ): Promise<Cluster> {
    const traffic = TrafficCounter.open();
    const config = `${folder}/config.json`;
    await Deno.writeTextFile(config, JSON.stringify({ statsd_addr: traffic.address }));
    const ports = freePorts(2 * size);
    const options = ["-config-file", config, "-profile", profile, "-log-level", "err"];
    const join = ["-join", `127.0.0.1:${ports[0]}`];
    const agents: Agent[] = [];
    const cluster = new Cluster(agents, traffic);
    try {
      for (let i = 0; i < size; i++) {
        const [port, rpcPort] = [ports[2 * i]!, ports[2 * i + 1]!];
        agents.push(new Agent(i, port, rpcPort, i === 0 ? options : [...options, ...join]));
        if (i === 0) await agents[0]!.connect(listener);
      }
      await Promise.all(agents.slice(1).map((agent) => agent.connect(listener)));
      for (const agent of agents) await agent.meet(size);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  private constructor(agents: readonly Agent[], traffic: TrafficCounter) {
    this.#agents = agents;
    this.#traffic = traffic;
  }

  say(node: number, word: string): void {
    this.#agents[node]!.say(word);
  }

  kill(node: number): void {
    this.#agents[node]!.kill();
  }

  /** Throws if an agent has ended, or refused something. */
  async count(): Promise<Counts> {
    await Promise.all(this.#agents.map((agent) => agent.countAlive()));
    return this.#traffic.counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.end()));
    this.#traffic.close();
  }
}

/** An agent, and the connection to it. */
class Agent {
  readonly #number: number;
  readonly #rpcPort: number;
  readonly #child: Deno.ChildProcess;
  #hasEnded = false;
  #rpc: SerfRpc | null = null;

  constructor(number: number, port: number, rpcPort: number, options: readonly string[]) {
    this.#number = number;
    this.#rpcPort = rpcPort;
    this.#child = new Deno.Command("serf", {
      args: [
        ...["agent", "-node", nameOf(number), "-bind", `127.0.0.1:${port}`],
        ...["-rpc-addr", `127.0.0.1:${rpcPort}`, ...options],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    void this.#child.status.then(() => this.#hasEnded = true);
  }

  /** Resolves when it listens, and is listened to. */
  async connect(listener: Listener): Promise<void> {
    const name = nameOf(this.#number);
    for (;;) {
      if (this.#hasEnded) throw new Error(`serf ${name} has ended at once`);
      try {
        const follow = (event: SerfEvent) => this.#tell(event, listener);
        this.#rpc = await SerfRpc.connect(name, this.#rpcPort, follow);
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await pause(POLL_MS); // It doesn't listen yet.
      }
    }
  }

  /** Resolves when it knows so many, itself included. */
  async meet(size: number): Promise<void> {
    while (await this.countAlive() < size) await pause(POLL_MS);
  }

  /** How many it knows, itself included. */
  async countAlive(): Promise<number> {
    return (await this.#rpc!.aliveMembers()).length;
  }

  say(word: string): void {
    this.#rpc!.say(word);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<void> {
    if (!this.#hasEnded) this.kill();
    this.#rpc?.close();
    await this.#child.status;
  }

  #tell({ Event, Payload = "", Members = [] }: SerfEvent, listener: Listener): void {
    if (Event === "user") {
      const word = typeof Payload === "string" ? Payload : new TextDecoder().decode(Payload);
      return listener.heard(this.#number, word);
    }
    for (const { Name } of Members) listener.lost(this.#number, numberOf(Name));
  }
}

/** Adds up what all agents of a network send, as they report it: lines of NAME:NUMBER|KIND. */
class TrafficCounter {
  readonly #socket: Deno.DatagramConn;
  #messages = 0;
  #bytes = 0;

  static open(): TrafficCounter {
    return new TrafficCounter(
      Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
    );
  }

  private constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
    void this.#read();
  }

  /** Where agents report to. */
  get address(): string {
    return `127.0.0.1:${(this.#socket.addr as Deno.NetAddr).port}`;
  }

  /** What is known. An agent doesn't tell words from other messages. */
  get counts(): Counts {
    const unknown = { told: NaN, duplicates: NaN, supplied: NaN };
    return { ...unknown, messages: this.#messages, bytes: this.#bytes };
  }

  close(): void {
    this.#socket.close();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const [datagram] of this.#socket) {
      for (const [, bytes] of decoder.decode(datagram).matchAll(SENT)) {
        this.#messages++;
        this.#bytes += Number(bytes);
      }
    }
  }
}

function nameOf(node: number): string {
  return `n${node}`;
}

function numberOf(name: string): number {
  return Number(name.slice(1));
}
