/**
 * A ring in virtual time: the real nodes, a network that does what the test says, disks that keep
 * votes, and users who look whether anybody else has the lock.
 *
 * ```ts
 * import { VirtualRing } from "./virtual_ring.ts";
 *
 * const ring = new VirtualRing({ size: 3 });
 * ring.start(0);
 * const request = ring.lock(1);
 * ring.runUntil(() => ring.isGranted(1, request));
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Millis, ProcessId } from "../../../src/protocols/process.ts";
import { Random } from "../../../src/protocols/random.ts";
import type {
  RingMessage,
  RingView,
  Token,
  Vote,
} from "../../../src/protocols/token_ring/messages.ts";
import type { LockRequest, TokenRingOutbox } from "../../../src/protocols/token_ring/outbox.ts";
import { RING_RULES, type RingRules } from "../../../src/protocols/token_ring/ring_rules.ts";
import { TokenRing } from "../../../src/protocols/token_ring/token_ring.ts";
import { EventQueue } from "../../../src/simulator/event_queue.ts";

/** What the network does with a datagram: when its copies arrive, from now on; none if it is lost. */
export type Fate = (from: ProcessId, to: ProcessId, message: RingMessage) => readonly Millis[];

/** How a ring is set up. */
export interface VirtualRingOptions {
  readonly size: number;
  readonly leaseMs?: Millis;
  readonly paceMs?: Millis;
  readonly seed?: number;
  /** Who wants to pass the token to whom. */
  readonly next?: Readonly<Record<ProcessId, ProcessId>>;
  readonly rules?: RingRules;
  /** Nodes that are not there at the beginning. */
  readonly absent?: readonly ProcessId[];
  /** What a node's clock shows, of the true time. */
  readonly clock?: (node: ProcessId, trueMs: Millis) => Millis;
}

/** What a node told its host. Times are true ones. */
export type RingEvent =
  & { readonly at: Millis; readonly node: ProcessId }
  & (
    | { readonly type: "arrived"; readonly token: Token }
    | { readonly type: "viewed"; readonly view: RingView }
    | { readonly type: "stored"; readonly vote: Vote }
    | { readonly type: "quorum"; readonly hasQuorum: boolean; readonly reached: number }
    | {
      readonly type: "granted";
      readonly request: LockRequest;
      readonly fence: number;
      /** By the clock of the node. */
      readonly leaseUntil: Millis;
    }
    | { readonly type: "unlocked"; readonly request: LockRequest }
    | { readonly type: "lost"; readonly request: LockRequest }
    | { readonly type: "busy"; readonly holder: ProcessId; readonly fence: number }
    | { readonly type: "left" }
  );

/** What it takes a datagram to arrive, by default. */
export const HOP_MS: Millis = 1;

/** A host calls `tick` again at once only if that has brought it on. */
const MAX_TICKS_AT_ONCE = 3;

/** Who uses the lock; it ends with the lease, by the clock of its own node. */
interface Use {
  readonly node: ProcessId;
  readonly request: LockRequest;
  readonly fence: number;
  /** By the clock of the node. */
  leaseUntil: Millis;
}

/** All machines of a file, and what is between them. */
export class VirtualRing {
  readonly #options: Required<Omit<VirtualRingOptions, "absent">>;
  readonly #queue = new EventQueue<() => void>();
  readonly #nodes: (VirtualNode | null)[] = [];
  readonly #votes: Vote[] = [];
  /** Until when nodes that don't run may have promised support, by their clocks. */
  readonly #promisedUntil = new Map<ProcessId, Millis>();
  readonly events: RingEvent[] = [];
  /** Datagrams that were sent, by type. */
  readonly sent = new Map<RingMessage["type"], number>();
  /** What happens to what is sent from now on. */
  fate: Fate = () => [HOP_MS];
  now: Millis = 0;
  /** All tokens that there were, as epoch and value, and their epochs. */
  readonly #seen = new Set<string>();
  readonly #epochs = new Set<number>();
  #use: Use | null = null;
  #lastFence = 0;
  #incarnations = 0;
  #requests = 0;

  /** All nodes run, and nobody has started. */
  constructor(options: VirtualRingOptions) {
    this.#options = {
      ...{ leaseMs: 1500, paceMs: 1000, seed: 1, next: {}, rules: RING_RULES },
      clock: (node, trueMs) => trueMs + 1e6 * (node + 1),
      ...options,
    };
    for (let node = 0; node < options.size; node++) {
      this.#votes.push({ epoch: 0, candidate: 0 });
      this.#nodes.push(null);
      if (!options.absent?.includes(node)) this.boot(node);
    }
  }

  // --- what is done to nodes

  /** A process begins to run. It votes for nobody while one before it may have promised that. */
  boot(node: ProcessId): void {
    assert.equal(this.#nodes[node], null, `${node} runs already`);
    const isQuarantined = this.clock(node) < (this.#promisedUntil.get(node) ?? -Infinity);
    const { size, leaseMs, paceMs, seed, next, rules } = this.#options;
    const incarnation = ++this.#incarnations;
    const process = new VirtualNode(this, node, (outbox) =>
      new TokenRing(
        {
          ...{ self: node, size, incarnation, leaseMs, paceMs, isQuarantined },
          ...{ next: next[node] ?? null, vote: this.#votes[node]! },
        },
        outbox,
        new Random([seed, incarnation]),
        this.clock(node),
        rules,
      ));
    this.#nodes[node] = process;
  }

  /** It is killed; its vote stays, and so does what is on its way. */
  kill(node: ProcessId): void {
    this.#at(node).isGone = true;
    this.#nodes[node] = null;
    this.#promisedUntil.set(node, this.clock(node) + this.#options.leaseMs);
  }

  /** It is killed and started again. */
  restart(node: ProcessId): void {
    this.kill(node);
    this.boot(node);
  }

  /** It stands still; what comes waits, until `resume`. */
  pause(node: ProcessId): void {
    this.#at(node).isPaused = true;
  }

  /** It goes on, with all that has come meanwhile. */
  resume(node: ProcessId): void {
    const process = this.#at(node);
    process.isPaused = false;
    for (const handle of process.takeInbox()) handle();
  }

  start(node: ProcessId): void {
    this.#at(node).do((ring, now) => ring.start(now));
  }

  /** Asks for the lock. With `holdMs`, it is let go so long after it was granted. */
  lock(node: ProcessId, holdMs = Infinity): LockRequest {
    const request = ++this.#requests;
    this.#at(node).holdMs.set(request, holdMs);
    this.#at(node).do((ring, now) => ring.lock(request, now));
    return request;
  }

  /** Lets a lock go, or waits no longer. */
  unlock(node: ProcessId, request: LockRequest): void {
    this.tell(node, { type: "unlocked", request });
    if (this.#use?.request === request) this.#use = null;
    this.#at(node).do((ring, now) => ring.unlock(request, now));
  }

  leave(node: ProcessId): void {
    if (this.#use?.node === node) this.#use = null;
    this.#at(node).do((ring, now) => ring.leave(now));
  }

  /** A message that nobody may have sent comes to a node. */
  forge(from: ProcessId, to: ProcessId, message: RingMessage): void {
    this.#at(to).do((ring, now) => ring.receive(from, message, now));
  }

  // --- time

  /** Goes on for a while. */
  run(ms: Millis): void {
    const end = this.now + ms;
    while (this.#step(end));
    this.now = end;
  }

  /** Goes on until something is so.
   *
   * @throws {assert.AssertionError} If it isn't within `boundMs`. */
  runUntil(isSo: () => boolean, boundMs: Millis = 10_000): void {
    const end = this.now + boundMs;
    while (!isSo()) assert.ok(this.#step(end), `not within ${boundMs} ms: ${isSo}`);
  }

  /** Does something after a while. */
  after(ms: Millis, action: () => void): void {
    this.#queue.push(this.now + ms, action);
  }

  /** What a node's clock shows. */
  clock(node: ProcessId): Millis {
    return this.#options.clock(node, this.now);
  }

  // --- what can be seen

  /** A running node. */
  ring(node: ProcessId): TokenRing {
    return this.#at(node).ring;
  }

  /** Those that run. */
  get running(): ProcessId[] {
    return this.#nodes.flatMap((process, node) => process === null ? [] : [node]);
  }

  /** The nodes that have the token, in use or not, as they believe. */
  get owners(): ProcessId[] {
    return this.running.filter((node) => this.ring(node).status.owner === node);
  }

  of<T extends RingEvent["type"]>(
    type: T,
    node?: ProcessId,
  ): (RingEvent & { readonly type: T })[] {
    return this.events.filter((event): event is RingEvent & { readonly type: T } =>
      event.type === type && (node === undefined || event.node === node)
    );
  }

  isGranted(node: ProcessId, request: LockRequest): boolean {
    return this.of("granted", node).some((event) => event.request === request);
  }

  /** The nodes that the lock was granted to, in this order. */
  get grants(): ProcessId[] {
    return this.of("granted").map(({ node }) => node);
  }

  /** Who is in the view of a node. */
  members(node: ProcessId): ProcessId[] {
    return this.ring(node).status.view.members.map((member) => member.node);
  }

  /** All datagrams that were sent. */
  get datagrams(): number {
    return [...this.sent.values()].reduce((sum, count) => sum + count, 0);
  }

  // --- for nodes

  /** What a node told its host, at this moment. */
  tell(node: ProcessId, event: Untimed): void {
    this.events.push({ at: this.now, node, ...event });
    if (event.type === "arrived") this.#see(node, event.token);
    if (event.type === "stored") this.#votes[node] = event.vote;
    if (event.type === "left") {
      const { supportsUntil } = this.ring(node).status;
      this.kill(node);
      this.#promisedUntil.set(node, supportsUntil); // It had the time to note that.
    }
  }

  /** Asserts that a token is in one place at a time, and made by who has stored its vote for that. */
  #see(node: ProcessId, { epoch, sequence }: Token): void {
    const state = `${epoch} ${sequence}`;
    assert.ok(!this.#seen.has(state), `the token ${state} is there twice`);
    this.#seen.add(state);
    if (this.#epochs.has(epoch)) return;
    this.#epochs.add(epoch);
    assert.deepEqual(this.#votes[node], { epoch, candidate: node }, "its maker could forget it");
  }

  send(from: ProcessId, to: ProcessId, message: RingMessage): void {
    if (message.type === "promise") {
      const { epoch } = message;
      assert.deepEqual(this.#votes[from], { epoch, candidate: to }, "a promise could be forgotten");
    }
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
    assert.notEqual(from, to, "nobody sends to himself");
    for (const delay of this.fate(from, to, message)) {
      const copy = structuredClone(message);
      this.after(delay, () => {
        this.#nodes[to]?.do((ring, now) => ring.receive(from, copy, now));
      });
    }
  }

  /** Asserts that nobody else uses the lock, and that the fencing number is higher than all before. */
  use(use: Use, holdMs: Millis): void {
    const other = this.#use;
    if (other !== null) {
      const isOver = this.#options.clock(other.node, this.now) >= other.leaseUntil;
      assert.ok(isOver, `${use.node} has got the lock while ${other.node} uses it`);
    }
    assert.ok(use.fence > this.#lastFence, `fence ${use.fence} after ${this.#lastFence}`);
    const leftMs = use.leaseUntil - this.clock(use.node);
    assert.ok(leftMs >= this.#options.leaseMs / 4, `${leftMs} ms are no time to use a lock`);
    this.#lastFence = use.fence;
    this.#use = use;
    const process = this.#nodes[use.node];
    if (holdMs === Infinity) return;
    this.after(holdMs, () => {
      if (this.#use?.request === use.request && this.#nodes[use.node] === process) {
        this.unlock(use.node, use.request);
      }
    });
  }

  extend(request: LockRequest, leaseUntil: Millis): void {
    if (this.#use?.request !== request) return;
    assert.ok(leaseUntil > this.#use.leaseUntil, "an extended lease lasts longer");
    this.#use.leaseUntil = leaseUntil;
  }

  #at(node: ProcessId): VirtualNode {
    const process = this.#nodes[node];
    assert.ok(process, `${node} doesn't run`);
    return process;
  }

  /** Does what comes next, if that is before `end`. */
  #step(end: Millis): boolean {
    let first: VirtualNode | null = null;
    let due = Infinity;
    for (const process of this.#nodes) {
      if (process === null || process.isPaused || process.isGone) continue;
      const at = process.dueAt;
      if (at < due) [first, due] = [process, at];
    }
    const arrival = this.#queue.nextTime;
    if (Math.min(arrival, due) > end) return false;
    if (arrival <= due || first === null) {
      this.now = Math.max(this.now, arrival);
      this.#queue.pop()();
    } else {
      this.now = Math.max(this.now, due);
      first.tick();
    }
    return true;
  }
}

/** An event without its time and place, each kind by itself. */
type Untimed = RingEvent extends infer Event
  ? Event extends RingEvent ? Omit<Event, "at" | "node"> : never
  : never;

/** A process of a node. */
class VirtualNode implements TokenRingOutbox {
  readonly #world: VirtualRing;
  readonly #node: ProcessId;
  readonly ring: TokenRing;
  /** How long each request is to keep the lock. */
  readonly holdMs = new Map<LockRequest, Millis>();
  isPaused = false;
  isGone = false;
  #inbox: (() => void)[] = [];
  #isInside = true;
  #ticksAt: readonly [now: Millis, ticks: number] = [-Infinity, 0];

  constructor(world: VirtualRing, node: ProcessId, make: (outbox: VirtualNode) => TokenRing) {
    this.#world = world;
    this.#node = node;
    this.ring = make(this);
    this.#isInside = false;
  }

  /** When it wants to be called, in true time. */
  get dueAt(): Millis {
    const { deadline } = this.ring;
    assert.ok(!Number.isNaN(deadline), "a deadline is a number");
    if (deadline === Infinity) return Infinity;
    // Clocks run nearly equally fast, so this comes close; `tick` sees to the rest.
    return this.#world.now + Math.max(0, deadline - this.#world.clock(this.#node));
  }

  /** An input, or one that waits until the process goes on. */
  do(input: (ring: TokenRing, now: Millis) => void): void {
    if (this.isGone) return;
    if (this.isPaused) {
      this.#inbox.push(() => this.do(input));
      return;
    }
    assert.ok(!this.#isInside, "an outbox calls nothing back");
    this.#isInside = true;
    input(this.ring, this.#world.clock(this.#node));
    this.#isInside = false;
  }

  takeInbox(): (() => void)[] {
    const inbox = this.#inbox;
    this.#inbox = [];
    return inbox;
  }

  /** The deadline is reached. */
  tick(): void {
    const now = Math.max(this.#world.clock(this.#node), this.ring.deadline);
    const ticks = now === this.#ticksAt[0] ? this.#ticksAt[1] + 1 : 1;
    this.#ticksAt = [now, ticks];
    assert.ok(ticks <= MAX_TICKS_AT_ONCE, `${this.#node} is called again and again at ${now}`);
    this.do((ring) => ring.tick(now));
  }

  send(to: ProcessId, message: RingMessage): void {
    this.#world.send(this.#node, to, message);
  }

  store(vote: Vote): void {
    this.#world.tell(this.#node, { type: "stored", vote });
  }

  arrived(token: Token): void {
    this.#world.tell(this.#node, { type: "arrived", token });
  }

  viewed(view: RingView): void {
    this.#world.tell(this.#node, { type: "viewed", view });
  }

  quorum(hasQuorum: boolean, reached: number): void {
    this.#world.tell(this.#node, { type: "quorum", hasQuorum, reached });
  }

  granted(request: LockRequest, fence: number, leaseUntil: Millis): void {
    this.#world.tell(this.#node, { type: "granted", request, fence, leaseUntil });
    this.#world.use({ node: this.#node, request, fence, leaseUntil }, this.holdMs.get(request)!);
  }

  extended(request: LockRequest, leaseUntil: Millis): void {
    this.#world.extend(request, leaseUntil);
  }

  lost(request: LockRequest): void {
    this.#world.tell(this.#node, { type: "lost", request });
  }

  busy(holder: ProcessId, fence: number): void {
    this.#world.tell(this.#node, { type: "busy", holder, fence });
  }

  left(): void {
    this.#world.tell(this.#node, { type: "left" });
  }
}
