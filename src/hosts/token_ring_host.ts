/**
 * A node of a token ring: the protocol, on a real socket, a real clock and a real disk.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import type { RingMessage, RingView, Token, Vote } from "../protocols/token_ring/messages.ts";
import type { LockRequest, TokenRingOutbox } from "../protocols/token_ring/outbox.ts";
import { TokenRing } from "../protocols/token_ring/token_ring.ts";
import type { RingNodeStatus } from "../wire/ring_control_messages.ts";
import { RingDatagrams } from "../wire/ring_datagrams.ts";
import type { RingDatagram } from "../wire/ring_templates.ts";
import type { Address } from "./address.ts";
import { type DatagramCounts, DatagramSocket } from "./datagram_socket.ts";
import { NewsQueue } from "./news_queue.ts";
import { RingAcks } from "./ring_acks.ts";
import { RingDestinations } from "./ring_destinations.ts";
import { identifyRing, namesOf, newIncarnation, type RingMachine } from "./ring_identity.ts";
import type { Lockable, LockHandle, LockListener } from "./ring_lock.ts";
import { RingStrangers } from "./ring_strangers.ts";
import { RingTokenLink } from "./ring_token_link.ts";
import { defaultVotePath, RingVoteFile, VoteFileError } from "./ring_vote_file.ts";

/** How a node takes part. */
export interface TokenRingHostOptions {
  /** The lines of the machines file, which is the same at all nodes. */
  readonly machines: readonly RingMachine[];
  /** Its own line, from 0. */
  readonly self: ProcessId;
  /** To whom it wants to pass the token; null for the next in the file. */
  readonly next: ProcessId | null;
  /** How long a lease lasts, the same at all nodes. */
  readonly leaseMs: Millis;
  /** How long the token rests at each node while nobody waits. */
  readonly paceMs: Millis;
  /** The file of its vote; undefined for the usual one. */
  readonly stateFile: string | undefined;
  /** Told of what happens, after the node has dealt with it. */
  readonly onEvent: (event: RingEvent) => void;
}

/** What happens at a node. */
export type RingEvent =
  /** The token has come. */
  | { readonly type: "token"; readonly value: number; readonly epoch: number }
  /** The members are others. */
  | { readonly type: "view"; readonly number: number; readonly members: readonly string[] }
  /** A majority answers, or doesn't. */
  | {
    readonly type: "quorum";
    readonly hasQuorum: boolean;
    readonly reached: number;
    readonly machines: number;
  }
  /** Somebody has the lock, or nobody, as far as this node knows. */
  | { readonly type: "holder"; readonly name: string | null; readonly fence: number | null }
  /** Something is wrong that the node can live with. */
  | { readonly type: "warning"; readonly reason: string };

/** A wish for the lock. */
interface Wish {
  readonly listener: LockListener;
  /** The fencing number, once it has the lock. */
  fence: number | null;
}

/** A node that takes part until it leaves. */
export class TokenRingHost implements TokenRingOutbox, Lockable {
  readonly #options: TokenRingHostOptions;
  readonly #socket: DatagramSocket;
  readonly #datagrams: RingDatagrams;
  readonly #destinations: RingDestinations;
  readonly #strangers: RingStrangers;
  readonly #tokenLink: RingTokenLink;
  readonly #voteFile: RingVoteFile;
  readonly #ring: TokenRing;
  readonly #wishes = new Map<LockRequest, Wish>();
  readonly #left = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #news = new NewsQueue();
  readonly #acks = new RingAcks((to, ack) => this.#transmit(to, ack));
  #lastRequest: LockRequest = 0;
  #holder: { readonly node: ProcessId; readonly fence: number } | null = null;
  #reached = 1;
  /** When the last message came. */
  #receivedAt: Millis = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Infinity;
  #isClosed = false;

  /** Stands in each datagram: names the machines and the lease. */
  readonly group: number;
  /** Datagrams that made no sense. */
  malformed = 0;

  /**
   * Takes the node's address and begins. What an earlier process of it has promised is waited for.
   *
   * @throws {Error} in one line that names the address or the file, if one of them can't be had. The
   * cause is a `Deno.errors.AddrInUse` if another process has the address.
   */
  static async open(options: TokenRingHostOptions): Promise<TokenRingHost> {
    const { machines, self, leaseMs, stateFile } = options;
    const { name, address } = machines[self]!;
    const { ring, group } = await identifyRing(machines, leaseMs);
    let host: TokenRingHost | null = null;
    const socket = await DatagramSocket.open(address, {
      receive: (bytes, from) => host?.receive(bytes, from),
      endTurn: () => host?.endTurn(),
      needsTurn: () => host?.needsTurn() ?? false,
    });
    try {
      const path = stateFile ?? defaultVotePath(ring, name);
      if (path === null) throw new VoteFileError("there is no HOME to keep the node's vote in");
      const voteFile = await RingVoteFile.open(path, { ring, node: name, leaseMs });
      await untilBelow(leaseMs, voteFile.quarantineMs, options.onEvent);
      host = new TokenRingHost(options, group, socket, voteFile);
      socket.scheduleTurn();
      return host;
    } catch (error) {
      await socket.close();
      throw error;
    }
  }

  private constructor(
    options: TokenRingHostOptions,
    group: number,
    socket: DatagramSocket,
    voteFile: RingVoteFile,
  ) {
    const { machines, self, next, leaseMs, paceMs } = options;
    const incarnation = newIncarnation();
    const { vote, quarantineMs } = voteFile;
    this.#options = options;
    this.group = group;
    this.#socket = socket;
    this.#voteFile = voteFile;
    this.#datagrams = new RingDatagrams({ group, self, size: machines.length });
    this.#destinations = new RingDestinations(machines, socket.address);
    this.#strangers = new RingStrangers((address) => {
      const reason = `${address} has another machines file, or another --lease`;
      this.#tell({ type: "warning", reason });
    });
    const sender = { group, name: machines[self]!.name };
    this.#tokenLink = new RingTokenLink(sender, machines, this.#datagrams);
    this.#failed.promise.catch(() => {}); // Whoever waits for it is told.
    this.#ring = new TokenRing(
      {
        ...{ self, size: machines.length, incarnation, next, leaseMs, paceMs, vote },
        isQuarantined: quarantineMs > 0,
      },
      this,
      new Random([incarnation, self]),
      performance.now(),
    );
  }

  /** Where it is. */
  get address(): Address {
    return this.#socket.address;
  }

  /** The node's name. */
  get name(): string {
    return this.#nameOf(this.#options.self);
  }

  /** What went through its socket. */
  get counts(): Readonly<DatagramCounts> {
    return this.#socket.counts;
  }

  /** Whether a machine of the file is at this address. */
  isMachine(host: string): boolean {
    return this.#destinations.isHost(host);
  }

  /** Whether there is a token, as far as is known, or is to be one. */
  get isStarted(): boolean {
    return this.#ring.status.isStarted;
  }

  /** Rejects when the node can't go on, because its vote can't be kept; it is silent then. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How the node is. */
  get status(): RingNodeStatus {
    const { isStarted, epoch, sequence, view, hasQuorum } = this.#ring.status;
    return {
      node: this.name,
      isStarted,
      epoch,
      value: sequence,
      view: this.#membersOf(view),
      holder: this.#holder === null ? null : this.#nameOf(this.#holder.node),
      fence: this.#holder?.fence ?? null,
      hasQuorum,
      reached: this.#reached,
      machines: this.#options.machines.length,
      waiting: [...this.#wishes.values()].filter(({ fence }) => fence === null).length,
      malformed: this.malformed,
    };
  }

  /** There is to be a token. If there is one already, nothing happens. */
  start(): void {
    this.#do(() => this.#ring.start(performance.now()));
  }

  /** Wants the lock. */
  lock(listener: LockListener): LockHandle {
    const request = ++this.#lastRequest;
    this.#wishes.set(request, { listener, fence: null });
    this.#do(() => this.#ring.lock(request, performance.now()));
    this.#tellWaiter(listener, request);
    return {
      unlock: () => {
        this.#unlock(request);
        return Promise.resolve();
      },
    };
  }

  /** Leaves the ring: the token goes on at once, and all wishes are lost. Resolves when nobody counts on
   * the node any more, or after a short while. */
  async leave(): Promise<void> {
    if (!this.#isClosed) {
      for (const { listener } of this.#wishes.values()) {
        this.#news.add(() => listener.lost("the node ends"));
      }
      this.#wishes.clear();
      this.#do(() => this.#ring.leave(performance.now()));
      await Promise.race([this.#left.promise, this.failed.catch(() => {})]);
      this.#noteEnd();
    }
    await this.close();
  }

  /** Ends at once, as if it were killed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#acks.close();
    this.#tokenLink.close();
    await this.#socket.close();
  }

  /** Takes in a datagram. */
  receive(bytes: Uint8Array, { hostname: host, port }: Deno.NetAddr): void {
    if (this.#isClosed) return;
    const reading = this.#datagrams.decode(bytes);
    if (typeof reading !== "string") this.#take(reading);
    else if (reading === "malformed") this.malformed++;
    else if (this.#destinations.isKnown({ host, port })) this.#strangers.heard({ host, port });
  }

  /** Takes in what came over a connection and not as a datagram. Returns whether it made sense. */
  receiveFrame(bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    const reading = this.#datagrams.decode(bytes);
    if (typeof reading === "string") {
      this.malformed++;
      return false;
    }
    this.#take(reading);
    if (this.needsTurn()) this.#socket.scheduleTurn();
    return true;
  }

  /** Whether the timer would be too late. */
  needsTurn(): boolean {
    return this.#ring.deadline < this.#timerAt;
  }

  /** Does what is due, and sets the timer for the rest. */
  endTurn(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#ring.deadline <= now) {
      this.#ring.tick(now);
      this.#news.tellAll();
    }
    this.#schedule(now);
  }

  // --- TokenRingOutbox

  /** @ignore */
  send(to: ProcessId, message: RingMessage): void {
    if (this.#isClosed) return;
    if (message.type === "ack") this.#acks.add(to, message, this.#receivedAt);
    else this.#transmit(to, message);
  }

  /** @ignore */
  store(vote: Vote): void {
    if (this.#isClosed) return;
    try {
      this.#voteFile.store(vote);
    } catch (error) {
      // What it says from now on could be forgotten: so it says nothing.
      this.#isClosed = true;
      this.#news.add(() => this.#failed.reject(error));
    }
  }

  /** @ignore */
  arrived({ epoch, sequence }: Token): void {
    this.#hold(null);
    this.#tellLater({ type: "token", value: sequence, epoch });
  }

  /** @ignore */
  viewed(view: RingView): void {
    this.#tellLater({ type: "view", number: view.number, members: this.#membersOf(view) });
  }

  /** @ignore */
  quorum(hasQuorum: boolean, reached: number): void {
    const machines = this.#options.machines.length;
    const needed = Math.floor(machines / 2) + 1;
    // Who was heard a moment ago may be about to leave.
    reached = hasQuorum ? Math.max(reached, needed) : Math.min(reached, needed - 1);
    this.#reached = reached;
    this.#tellLater({ type: "quorum", hasQuorum, reached, machines });
    for (const { listener } of this.#wishes.values()) {
      this.#news.add(() => listener.quorum(hasQuorum, reached, machines));
    }
  }

  /** @ignore */
  granted(request: LockRequest, fence: number, leaseUntil: Millis): void {
    const wish = this.#wishes.get(request);
    this.#hold({ node: this.#options.self, fence });
    if (wish === undefined) return;
    wish.fence = fence;
    this.#news.add(() => wish.listener.granted(fence, leaseUntil));
    for (const other of this.#wishes.values()) {
      if (other !== wish) this.#news.add(() => other.listener.busy(this.name, fence));
    }
  }

  /** @ignore */
  extended(request: LockRequest, leaseUntil: Millis): void {
    const wish = this.#wishes.get(request);
    if (wish !== undefined) this.#news.add(() => wish.listener.extended(leaseUntil));
  }

  /** @ignore */
  lost(request: LockRequest): void {
    const wish = this.#wishes.get(request);
    this.#hold(null);
    this.#wishes.delete(request);
    if (wish === undefined) return;
    this.#news.add(() => wish.listener.lost("the lease is over: no majority has extended it"));
  }

  /** @ignore */
  busy(holder: ProcessId, fence: number): void {
    const name = this.#nameOf(holder);
    for (const wish of this.#wishes.values()) {
      if (wish.fence === null) this.#news.add(() => wish.listener.busy(name, fence));
    }
  }

  /** @ignore */
  left(): void {
    this.#left.resolve();
  }

  // --- wishes

  #unlock(request: LockRequest): void {
    const wish = this.#wishes.get(request);
    if (wish === undefined) return;
    this.#wishes.delete(request);
    if (wish.fence !== null) this.#hold(null);
    this.#do(() => this.#ring.unlock(request, performance.now()));
  }

  /** What whoever waits should know before anything happens. */
  #tellWaiter(listener: LockListener, request: LockRequest): void {
    const { hasQuorum } = this.#ring.status;
    const { machines, self } = this.#options;
    if (this.#wishes.get(request)?.fence !== null) return;
    if (hasQuorum === false) listener.quorum(false, this.#reached, machines.length);
    else if (this.#holder?.node === self) listener.busy(this.name, this.#holder.fence);
  }

  /** Notices who has the lock elsewhere, from what its node has just said. */
  #lookForHolder(): void {
    const { owner, fence } = this.#ring.status;
    if (owner === this.#options.self) return;
    this.#hold(owner === null || fence === null ? null : { node: owner, fence });
  }

  #hold(holder: { readonly node: ProcessId; readonly fence: number } | null): void {
    if (holder?.fence === this.#holder?.fence) return;
    this.#holder = holder;
    const name = holder === null ? null : this.#nameOf(holder.node);
    this.#tellLater({ type: "holder", name, fence: holder?.fence ?? null });
  }

  // --- turns

  /** Gives the protocol an input that comes from no datagram. */
  #do(input: () => void): void {
    if (this.#isClosed) return;
    input();
    this.#news.tellAll();
    this.#socket.scheduleTurn();
  }

  #tell(event: RingEvent): void {
    this.#options.onEvent(event);
  }

  #tellLater(event: RingEvent): void {
    this.#news.add(() => this.#tell(event));
  }

  /** One timer for all. One that is too early does no harm: it looks again. */
  #schedule(now: Millis): void {
    const at = this.#ring.deadline;
    if (at <= now) this.#socket.scheduleTurn();
    else if (at < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = at;
      this.#timer = setTimeout(this.#onTimer, at - now);
    }
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Infinity;
    this.endTurn();
  };

  // --- the network and the disk

  #take({ from, message }: RingDatagram): void {
    const now = performance.now();
    this.#receivedAt = now;
    this.#ring.receive(from, message, now);
    if (message.type === "renew") this.#lookForHolder();
    this.#news.tellAll();
  }

  #transmit(to: ProcessId, message: RingMessage): void {
    if (message.type === "token" && this.#tokenLink.send(to, message)) return;
    const destination = this.#destinations.of(to);
    if (destination !== undefined) this.#socket.send(this.#datagrams.encode(message), destination);
  }

  #noteEnd(): void {
    if (this.#isClosed) return;
    this.#acks.flush();
    const { supportsUntil } = this.#ring.status;
    try {
      this.#voteFile.end(supportsUntil - performance.now());
    } catch (error) {
      this.#tell({ type: "warning", reason: (error as Error).message });
    }
  }

  #membersOf({ members }: RingView): string[] {
    return namesOf(this.#options.machines, members.map(({ node }) => node));
  }

  #nameOf(node: ProcessId): string {
    return this.#options.machines[node]!.name;
  }
}

/** Waits for what a process before has promised for longer than we do. */
async function untilBelow(
  leaseMs: Millis,
  quarantineMs: Millis,
  tell: TokenRingHostOptions["onEvent"],
): Promise<void> {
  if (quarantineMs <= leaseMs) return;
  const seconds = Math.ceil((quarantineMs - leaseMs) / 1000);
  const reason =
    "this node was killed, and may have promised not to vote for longer than a lease " +
    `lasts now: it begins in ${seconds} s`;
  tell({ type: "warning", reason });
  await new Promise((resolve) => setTimeout(resolve, quarantineMs - leaseMs));
}
