/**
 * A network of members in virtual time: the real membership of many nodes, a network that does what the
 * test says, and machines that say whether anybody listens.
 *
 * ```ts
 * import { VirtualMembers } from "./virtual_members.ts";
 *
 * const network = new VirtualMembers({ seed: 1 });
 * network.boot("ada");
 * network.boot("ben", "ada");
 * network.runUntil(() => network.isComplete);
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import type { MembershipOptions } from "../../../src/protocols/gossip/gossip_options.ts";
import {
  DEFAULT_MEMBERSHIP,
  Membership,
  type MembershipOutbox,
} from "../../../src/protocols/gossip/membership.ts";
import type {
  Envelope,
  MembershipMessage,
  NodeName,
} from "../../../src/protocols/gossip/messages.ts";
import type { Millis } from "../../../src/protocols/process.ts";
import { Random } from "../../../src/protocols/random.ts";
import { EventQueue } from "../../../src/simulator/event_queue.ts";

/** How a network is set up. */
export interface VirtualMembersOptions {
  readonly seed: number;
  readonly membership?: MembershipOptions;
  /** How likely a datagram is lost. */
  readonly loss?: number;
  /** Delays of datagrams are between these. */
  readonly delayMs?: readonly [min: Millis, max: Millis];
  /** Whether machines say that nobody listens, where that is so. */
  readonly answersChecks?: boolean;
}

/** What a node told its host. */
export interface PeerEvent {
  readonly at: Millis;
  readonly node: NodeName;
  readonly peer: NodeName;
  readonly isUp: boolean;
}

/** A host calls `tick` again at once only if that has brought it on. */
const MAX_TICKS_AT_ONCE = 3;

/** All nodes, and what is between them. */
export class VirtualMembers {
  readonly #options: Required<VirtualMembersOptions>;
  readonly #queue = new EventQueue<() => void>();
  readonly #random: Random;
  readonly #nodes = new Map<NodeName, VirtualNode>();
  readonly events: PeerEvent[] = [];
  /** The names of those that were displaced or have left, as they said. */
  readonly displaced: NodeName[] = [];
  readonly left: NodeName[] = [];
  /** Messages that were sent, by type. */
  readonly sent = new Map<MembershipMessage["type"], number>();
  /** Whether messages can't go from one node to another. */
  isCut: (from: NodeName, to: NodeName) => boolean = () => false;
  now: Millis = 0;
  #boots = 0;

  constructor(options: VirtualMembersOptions) {
    this.#options = {
      ...{ membership: DEFAULT_MEMBERSHIP, loss: 0, delayMs: [0.5, 2], answersChecks: true },
      ...options,
    };
    this.#random = new Random([options.seed, 0]);
  }

  // --- what is done to nodes

  /** A process begins to run, on the machine that has its name unless another is said; it knows one
   * other, or none. */
  boot(
    name: NodeName,
    contact?: NodeName,
    { at = name, incarnation = 1000 * ++this.#boots }: {
      readonly at?: string;
      readonly incarnation?: number;
    } = {},
  ): void {
    const address = `${at}:1`;
    assert.ok(!this.#nodes.has(address), `${address} is taken`);
    const random = new Random([this.#options.seed, ++this.#boots]);
    const node = new VirtualNode(this, address, (outbox) =>
      new Membership(
        { ...this.#options.membership, name, address, incarnation },
        outbox,
        random,
        this.now,
      ));
    this.#nodes.set(address, node);
    if (contact !== undefined) this.join(name, contact, at);
    else node.do(() => {});
  }

  join(name: NodeName, contact: NodeName, at = name): void {
    this.#at(at).do((membership, now) =>
      membership.join({ name: contact, address: `${contact}:1` }, now)
    );
  }

  /** It is gone, and what is on its way to it is lost. */
  kill(at: string): void {
    this.#at(at).isGone = true;
    this.#nodes.delete(`${at}:1`);
  }

  /** It stands still for so long; what comes waits. */
  pause(at: string, ms: Millis): void {
    const node = this.#at(at);
    node.isPaused = true;
    this.#queue.push(this.now + ms, () => node.resume());
  }

  leave(name: NodeName): void {
    this.#at(name).do((membership, now) => membership.leave(now));
  }

  // --- time

  /** Goes on for a while. */
  run(ms: Millis): void {
    const end = this.now + ms;
    while (this.#step(end));
    this.now = end;
  }

  /** Goes on until something is so. Returns how long that took.
   *
   * @throws {assert.AssertionError} If it isn't within `boundMs`. */
  runUntil(isSo: () => boolean, boundMs: Millis = 10_000): Millis {
    const start = this.now;
    while (!isSo()) {
      assert.ok(this.#step(start + boundMs), `not within ${boundMs} ms: ${isSo}`);
    }
    return this.now - start;
  }

  /** Does something after a while. */
  after(ms: Millis, action: () => void): void {
    this.#queue.push(this.now + ms, action);
  }

  // --- what can be seen

  /** A running node. */
  membership(at: string): Membership {
    return this.#at(at).membership;
  }

  /** The addresses' names of those that run. */
  get running(): string[] {
    return [...this.#nodes.keys()].map((address) => address.slice(0, -2));
  }

  /** Whom a node takes to be up, in the order of their names. */
  up(at: string): NodeName[] {
    const { membership } = this.#at(at);
    const names = membership.members.map(({ name }) => name);
    return names.filter((name) => membership.isUp(name)).toSorted();
  }

  /** Whether each node that runs takes all others that run to be up, and nobody else. */
  get isComplete(): boolean {
    const size = this.#nodes.size;
    for (const node of this.#nodes.values()) {
      // Counting first, because that is quick.
      if (node.up.size !== size - 1) return false;
    }
    const names = this.running.toSorted();
    return names.every((name) => this.up(name).join() === names.filter((n) => n !== name).join());
  }

  /** Whether no node that runs takes this one to be up. */
  isMissed(name: NodeName): boolean {
    return [...this.#nodes.values()].every((node) => !node.up.has(name));
  }

  /** What nodes said to have gone since then. */
  downs(since: Millis): string[] {
    return this.events.flatMap(({ at, node, peer, isUp }) =>
      at >= since && !isUp ? [`${at}: ${peer} is down for ${node}`] : []
    );
  }

  /** All messages that were sent. */
  get messages(): number {
    return [...this.sent.values()].reduce((sum, count) => sum + count, 0);
  }

  // --- for nodes

  send(from: string, to: string, message: MembershipMessage & Envelope): void {
    assert.notEqual(from, to, "nobody sends to himself");
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
    if (this.#random.chance(this.#options.loss) || this.#isCut(from, to)) return;
    this.after(this.#random.between(...this.#options.delayMs), () => {
      if (this.#isCut(from, to)) return;
      this.#nodes.get(to)?.do((membership, now) => {
        membership.heard(message, now);
        membership.receive(message, now);
      });
    });
  }

  check(from: string, to: string): void {
    if (!this.#options.answersChecks) return;
    this.after(2 * this.#options.delayMs[1], () => {
      if (this.#isCut(from, to) || this.#nodes.has(to)) return;
      this.#nodes.get(from)?.do((membership, now) => membership.refused(to, now));
    });
  }

  gone(node: VirtualNode): void {
    if (this.#nodes.get(node.address) === node) this.#nodes.delete(node.address);
  }

  /** A node wants to be called. */
  wake(node: VirtualNode, at: Millis): void {
    this.#queue.push(at, () => node.wake(at));
  }

  #isCut(from: string, to: string): boolean {
    return this.isCut(from.slice(0, -2), to.slice(0, -2));
  }

  #at(name: string): VirtualNode {
    const node = this.#nodes.get(`${name}:1`);
    assert.ok(node, `${name} doesn't run`);
    return node;
  }

  /** Does what comes next, if that is before `end`. */
  #step(end: Millis): boolean {
    if (this.#queue.nextTime > end) return false;
    this.now = Math.max(this.now, this.#queue.nextTime);
    this.#queue.pop()();
    return true;
  }
}

/** A process of a node. */
class VirtualNode implements MembershipOutbox {
  readonly #world: VirtualMembers;
  readonly address: string;
  readonly membership: Membership;
  /** Who is up, as it told. */
  readonly up = new Set<NodeName>();
  isPaused = false;
  isGone = false;
  #inbox: (() => void)[] = [];
  #isInside = true;
  /** When it will be called. */
  #wakeAt: Millis = Infinity;
  #ticksAt: readonly [now: Millis, ticks: number] = [-Infinity, 0];

  constructor(
    world: VirtualMembers,
    address: string,
    make: (outbox: VirtualNode) => Membership,
  ) {
    this.#world = world;
    this.address = address;
    this.membership = make(this);
    this.#isInside = false;
  }

  /** An input, or one that waits until the process goes on. */
  do(input: (membership: Membership, now: Millis) => void): void {
    if (this.isGone) return;
    if (this.isPaused) {
      this.#inbox.push(() => this.do(input));
      return;
    }
    assert.ok(!this.#isInside, "an outbox calls nothing back");
    this.#isInside = true;
    input(this.membership, this.#world.now);
    this.#isInside = false;
    this.#schedule();
  }

  /** Timers come first, then what waits in the sockets. */
  resume(): void {
    this.isPaused = false;
    if (this.#wakeAt <= this.#world.now) this.wake(this.#wakeAt);
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const handle of inbox) handle();
  }

  /** The deadline is reached, or one that was given up. */
  wake(at: Millis): void {
    if (at !== this.#wakeAt || this.isPaused || this.isGone) return;
    this.#wakeAt = Infinity;
    const { now } = this.#world;
    if (this.membership.deadline > now) return this.#schedule();
    const ticks = now === this.#ticksAt[0] ? this.#ticksAt[1] + 1 : 1;
    this.#ticksAt = [now, ticks];
    assert.ok(ticks <= MAX_TICKS_AT_ONCE, `${this.address} is called again and again at ${now}`);
    this.do((membership) => membership.tick(now));
  }

  send(address: string, body: MembershipMessage): void {
    const envelope = { from: this.membership.self, news: this.membership.takeNews() };
    this.#world.send(this.address, address, { ...body, ...envelope });
  }

  check(address: string): void {
    this.#world.check(this.address, address);
  }

  peer(name: NodeName, isUp: boolean): void {
    assert.notEqual(this.up.has(name), isUp, `${name} changes for ${this.address}`);
    if (isUp) this.up.add(name);
    else this.up.delete(name);
    const node = this.membership.self.name;
    this.#world.events.push({ at: this.#world.now, node, peer: name, isUp });
  }

  displaced(): void {
    this.#world.displaced.push(this.membership.self.name);
    this.#end();
  }

  left(): void {
    this.#world.left.push(this.membership.self.name);
    this.#end();
  }

  #end(): void {
    this.isGone = true;
    this.#world.gone(this);
  }

  #schedule(): void {
    const { deadline } = this.membership;
    assert.ok(!Number.isNaN(deadline), "a deadline is a number");
    if (deadline >= this.#wakeAt || deadline === Infinity) return;
    this.#wakeAt = Math.max(deadline, this.#world.now);
    this.#world.wake(this, this.#wakeAt);
  }
}
