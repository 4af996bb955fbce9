/**
 * Chats of real processes that run beside a test.
 *
 * @module
 */

import assert from "node:assert/strict";
import { freePorts } from "../free_ports.ts";
import { type PrintedEvent, RunningProcess, type StartOptions } from "./processes.ts";

/** A line as everybody sees it. */
export interface DeliveredLine {
  readonly sender: string;
  readonly seq: number;
  readonly text: string;
}

/** The members of a chat with a file of peers. */
export class Chats implements AsyncDisposable {
  readonly #running: AsyncDisposableStack;
  /** The file. */
  readonly peers: string;
  /** Where each is, by name. */
  readonly addresses: ReadonlyMap<string, string>;

  /** Writes a file for these names, with free ports. */
  static async create(...names: string[]): Promise<Chats> {
    await using running = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "mpcomm-chat-" });
    running.defer(() => Deno.remove(dir, { recursive: true }));
    const ports = freePorts(names.length);
    const addresses = new Map(names.map((name, i) => [name, `127.0.0.1:${ports[i]}`]));
    const peers = `${dir}/peers.json`;
    await Deno.writeTextFile(peers, JSON.stringify(Object.fromEntries(addresses), null, 2));
    return new Chats(running.move(), peers, addresses);
  }

  private constructor(
    running: AsyncDisposableStack,
    peers: string,
    addresses: ReadonlyMap<string, string>,
  ) {
    this.#running = running;
    this.peers = peers;
    this.addresses = addresses;
  }

  /** Starts a member that prints JSON. */
  start(name: string, ...args: string[]): RunningProcess {
    return this.startPlain(name, ["--json", "--quiet", ...args]);
  }

  /** Starts a member. */
  startPlain(name: string, args: readonly string[] = [], options: StartOptions = {}) {
    const words = ["chat", "--peers", this.peers, "--name", name, ...args];
    return this.#running.use(RunningProcess.start(words, options));
  }

  /** Starts members that print JSON, and waits until the chat has begun at all. */
  async startAll(names: readonly string[], ...args: string[]): Promise<RunningProcess[]> {
    const members = names.map((name) => this.start(name, ...args));
    await Promise.all(members.map((member) => member.event("view")));
    return members;
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** The lines that a process has delivered so far. */
export function linesOf(member: { events(kind: string): PrintedEvent[] }): DeliveredLine[] {
  return member.events("deliver").map(({ sender, seq, text }) =>
    ({ sender, seq, text }) as DeliveredLine
  );
}

/** Resolves when a process has delivered this text of that sender. */
export async function delivered(member: RunningProcess, sender: string, text: string) {
  await member.event("deliver", (event) => event.sender === sender && event.text === text);
}

/** Resolves when a process is in a view of exactly these members, in any order. */
export async function inViewOf(member: RunningProcess, ...names: string[]): Promise<PrintedEvent> {
  const wanted = names.toSorted().join();
  return await member.event("view", ({ members }) => {
    return (members as string[]).toSorted().join() === wanted;
  });
}

/** Asserts that each sender's lines are there, from the first on, without a gap. */
export function assertFifo(lines: readonly DeliveredLine[]): void {
  const counts = new Map<string, number>();
  for (const { sender, seq } of lines) {
    assert.equal(seq, (counts.get(sender) ?? 0) + 1, `a line of ${sender}`);
    counts.set(sender, seq);
  }
}
