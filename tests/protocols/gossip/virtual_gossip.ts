/**
 * A gossip network in virtual time: the real nodes, and a network that does what the test says.
 *
 * ```ts
 * import { VirtualGossip } from "./virtual_gossip.ts";
 *
 * const network = new VirtualGossip({ size: 3 });
 * network.joinInChain();
 * network.say(0, "hello");
 * network.runUntil(() => network.all((node) => network.texts(node).includes("hello")));
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import { GossipNode } from "../../../src/protocols/gossip/gossip_node.ts";
import type { GossipOptions } from "../../../src/protocols/gossip/gossip_options.ts";
import { GOSSIP_RULES, type GossipRules } from "../../../src/protocols/gossip/gossip_rules.ts";
import type { GossipMessage, Rumor } from "../../../src/protocols/gossip/messages.ts";
import type { Millis } from "../../../src/protocols/process.ts";
import { Random } from "../../../src/protocols/random.ts";
import { EventQueue } from "../../../src/simulator/event_queue.ts";

/** What the network does with a message: when its copies arrive, from now on; none if it is lost. */
export type Fate = (from: number, to: number, message: GossipMessage) => readonly Millis[];

/** How a network is set up. */
export interface VirtualGossipOptions {
  readonly size: number;
  readonly seed?: number;
  /** Knobs of all nodes. */
  readonly knobs?: Partial<GossipOptions>;
  readonly rules?: GossipRules;
  /** Nodes that are not there at the beginning. */
  readonly absent?: readonly number[];
}

/** Knobs that are as the command has them. */
const KNOBS: Omit<GossipOptions, "name" | "address" | "run" | "incarnation"> = {
  ...{
    mode: "push",
    reaction: "feedback",
    stop: "counter",
    k: 5,
    fanout: 3,
    intervalMs: 200,
  } as const,
  ...{
    antiEntropyMs: 10_000,
    wantsReceipts: true,
    keepBytes: 64 * 1024 * 1024,
    keepRumors: 10_000,
  },
  ...{ probeIntervalMs: 1000, probeTimeoutMs: 500, indirectProbes: 3, suspicionMs: 5000 },
};

/** A host calls `tick` again at once only if that has brought it on. */
const MAX_TICKS_AT_ONCE = 10;

/** One process of a node. */
interface Process {
  readonly node: GossipNode;
  readonly heard: Rumor[];
  readonly isUp: Map<string, boolean>;
  hasLeft: boolean;
  tickAt: Millis;
}

type Event = () => void;

/** The network. */
export class VirtualGossip {
  readonly #options: VirtualGossipOptions;
  readonly #random: Random;
  readonly #queue = new EventQueue<Event>();
  readonly #processes: (Process | null)[];
  #now: Millis = 0;
  #starts = 0;
  /** What happens to messages. */
  fate: Fate = () => [1];
  /** All messages that were sent. */
  sent: GossipMessage[] = [];

  constructor(options: VirtualGossipOptions) {
    const { size, seed = 1, absent = [] } = options;
    this.#options = options;
    this.#random = new Random(seed);
    this.#processes = Array.from({ length: size }, () => null);
    for (let i = 0; i < size; i++) if (!absent.includes(i)) this.start(i);
  }

  /** The time. */
  get now(): Millis {
    return this.#now;
  }

  /** How many nodes there may be. */
  get size(): number {
    return this.#options.size;
  }

  /** Starts a node that isn't there. */
  start(i: number): void {
    assert.equal(this.#processes[i], null);
    const run = ++this.#starts;
    const heard: Rumor[] = [];
    const isUp = new Map<string, boolean>();
    let process: Process | null = null;
    const node = new GossipNode(
      {
        ...{ ...KNOBS, ...this.#options.knobs },
        ...{ name: nameOf(i), address: addressOf(i), run, incarnation: run },
      },
      {
        send: (address, message) => this.#transmit(i, address, message),
        check: (address) => this.#check(i, address),
        heard: (rumor) => heard.push(rumor),
        peer: (name, is) => {
          assert.notEqual(isUp.get(name) ?? false, is, `${name} is told of twice`);
          isUp.set(name, is);
        },
        displaced: () => assert.fail("nobody has another's name"),
        left: () => process!.hasLeft = true,
      },
      this.#random.fork(run),
      this.#now,
      this.#options.rules ?? GOSSIP_RULES,
    );
    process = { node, heard, isUp, hasLeft: false, tickAt: Infinity };
    this.#processes[i] = process;
    this.#schedule(process);
  }

  /** Ends a node without a word. */
  crash(i: number): void {
    this.#processes[i] = null;
  }

  /** The node of this number, which must be there. */
  node(i: number): GossipNode {
    return this.#process(i).node;
  }

  /** Whether a node that was told to leave has left. */
  hasLeft(i: number): boolean {
    return this.#process(i).hasLeft;
  }

  /** Those whom a node has been told of as up, sorted. */
  up(i: number): number[] {
    return [...this.#process(i).isUp].filter(([, isUp]) => isUp)
      .map(([name]) => Number(name.slice(1))).toSorted((a, b) => a - b);
  }

  /** What a node has heard, in its sequence. */
  heard(i: number): readonly Rumor[] {
    return this.#process(i).heard;
  }

  /** The texts of it. */
  texts(i: number): string[] {
    return this.heard(i).map(({ text }) => text);
  }

  /** Whether it holds of every node that is there. */
  all(test: (i: number) => boolean): boolean {
    return this.#processes.every((process, i) => process === null || test(i));
  }

  /** Has each node but the first ask the one before. */
  joinInChain(): void {
    for (let i = 1; i < this.size; i++) if (this.#processes[i] !== null) this.join(i, i - 1);
  }

  /** Has a node ask another. */
  join(i: number, contact: number): void {
    const to = { name: nameOf(contact), address: addressOf(contact) };
    this.#do(i, (node) => node.join(to, this.#now));
  }

  /** Runs until everybody knows everybody. */
  runUntilWhole(): void {
    const there = this.#processes.filter((process) => process !== null).length;
    this.runUntil(() => this.all((i) => this.up(i).length === there - 1));
  }

  /** Has a node say something. */
  say(i: number, text: string): Rumor {
    let rumor: Rumor | null = null;
    this.#do(i, (node) => rumor = node.say(text, this.#now));
    return rumor!;
  }

  /** Has a node leave. */
  leave(i: number): void {
    this.#do(i, (node) => node.leave(this.#now));
  }

  /** Lets time pass. */
  run(ms: Millis): void {
    const end = this.#now + ms;
    while (this.#step(end));
    this.#now = end;
  }

  /** Lets time pass until it holds. */
  runUntil(test: () => boolean, withinMs: Millis = 120_000): void {
    const end = this.#now + withinMs;
    while (!test()) assert.ok(this.#step(end), `not within ${withinMs} ms`);
  }

  #process(i: number): Process {
    const process = this.#processes[i];
    assert.ok(process, `${nameOf(i)} isn't there`);
    return process;
  }

  /** Returns whether anything was left to happen before the end. */
  #step(end: Millis): boolean {
    const next = this.#queue.nextTime;
    if (next > end || this.#queue.size === 0) return false;
    const event = this.#queue.pop();
    this.#now = next;
    event();
    return true;
  }

  #do(i: number, input: (node: GossipNode) => void): void {
    const process = this.#process(i);
    input(process.node);
    this.#settle(process);
  }

  /** Ticks until nothing is due. */
  #settle(process: Process): void {
    for (let ticks = 0; process.node.deadline <= this.#now; ticks++) {
      assert.ok(ticks < MAX_TICKS_AT_ONCE, "a tick brings it on");
      process.node.tick(this.#now);
    }
    this.#schedule(process);
  }

  #schedule(process: Process): void {
    const at = process.node.deadline;
    if (at >= process.tickAt || at === Infinity) return;
    process.tickAt = at;
    this.#at(at, () => {
      if (process.tickAt !== at) return;
      process.tickAt = Infinity;
      if (this.#processes.includes(process)) this.#settle(process);
    });
  }

  #transmit(from: number, address: string, message: GossipMessage): void {
    const to = indexOf(address);
    this.sent.push(message);
    for (const ms of this.fate(from, to, message)) {
      this.#at(this.#now + ms, () => {
        const process = this.#processes[to];
        if (!process) return;
        process.node.receive(structuredClone(message), this.#now);
        this.#settle(process);
      });
    }
  }

  #check(from: number, address: string): void {
    const to = indexOf(address);
    const process = this.#processes[from];
    this.#at(this.#now + 2, () => {
      if (!process || !this.#processes.includes(process) || this.#processes[to]) return;
      process.node.refused(address, this.#now);
      this.#settle(process);
    });
  }

  #at(at: Millis, event: Event): void {
    this.#queue.push(at, event);
  }
}

function nameOf(i: number): string {
  return `n${i}`;
}

function addressOf(i: number): string {
  return `10.0.0.1:${7000 + i}`;
}

function indexOf(address: string): number {
  return Number(address.split(":")[1]) - 7000;
}
