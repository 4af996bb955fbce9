/**
 * A node of a gossip network: the protocol, on real sockets and a real clock.
 *
 * @module
 */

import { GossipNode, type GossipStatus } from "../protocols/gossip/gossip_node.ts";
import type { MembershipOptions, MongeringOptions } from "../protocols/gossip/gossip_options.ts";
import { DEFAULT_MEMBERSHIP } from "../protocols/gossip/membership.ts";
import type {
  GossipMessage,
  MemberRecord,
  NodeName,
  Rumor,
  RumorId,
} from "../protocols/gossip/messages.ts";
import type { GossipOutbox } from "../protocols/gossip/outbox.ts";
import type { Millis } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import { type GossipTraffic, GossipTransport } from "./gossip_transport.ts";
import type { LinkSpec } from "./link_spec.ts";
import { NewsQueue } from "./news_queue.ts";

export { MAX_MEMBERS, MAX_RUMOR_BYTES } from "../protocols/gossip/messages.ts";
export type { MemberRecord, Rumor } from "../protocols/gossip/messages.ts";

/** So many bytes of rumors are kept for others, unless told otherwise: the oldest go first. */
export const KEEP_BYTES = 64 * 1024 * 1024;

/** And so many rumors. */
export const KEEP_RUMORS = 100_000;

/** Who leaves is gone after this time, whatever the others take of its last words. */
const LEAVE_WITHIN_MS: Millis = 3000;

/** How a node takes part. */
export interface GossipHostOptions extends MongeringOptions {
  readonly name: NodeName;
  /** Where it is, for UDP and TCP, and where others reach it. */
  readonly address: Address;
  /** So many partners at a time. */
  readonly fanout: number;
  /** Between two times. */
  readonly intervalMs: Millis;
  /** Between two exchanges of all that is known; null for none. */
  readonly antiEntropyMs: Millis | null;
  /** How it notices that others are gone.
   *
   * @default {DEFAULT_MEMBERSHIP} */
  readonly membership?: MembershipOptions;
  /** @default {KEEP_BYTES} */
  readonly keepBytes?: number;
  /** @default {KEEP_RUMORS} */
  readonly keepRumors?: number;
  /** The emulated link to all others: what happens to datagrams.
   *
   * @default {{}} */
  readonly link?: Partial<LinkSpec>;
  /** Told of what happens, after the node has dealt with it. */
  readonly onEvent: (event: GossipEvent) => void;
}

/** What happens at a node. */
export type GossipEvent =
  /** A rumor that was new here, its own included. */
  | { readonly type: "rumor"; readonly rumor: Rumor }
  /** A node has come, has come back, or has gone. */
  | { readonly type: "peer"; readonly name: NodeName; readonly isUp: boolean };

/** How a node is, and what it cost. */
export interface GossipReport extends GossipStatus, GossipTraffic {
  /** The other nodes that it knows, by name. */
  readonly peers: readonly MemberRecord[];
}

/** A node that takes part until it leaves. */
export class GossipHost implements GossipOutbox {
  readonly #options: GossipHostOptions;
  readonly #transport: GossipTransport;
  readonly #node: GossipNode;
  readonly #news = new NewsQueue();
  readonly #left = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt: Millis = Infinity;
  #isClosed = false;

  /**
   * Takes the node's address and begins; it knows nobody yet.
   *
   * @throws {Error} in one line that names the address, if it can't be had.
   */
  static async open(options: GossipHostOptions): Promise<GossipHost> {
    let host: GossipHost | null = null;
    const transport = await GossipTransport.open(options.address, {
      receive: (message) => host?.receive(message),
      refused: (address) => host?.refused(address),
      endTurn: () => host?.endTurn(),
      needsTurn: () => host?.needsTurn() ?? false,
    }, options.link);
    host = new GossipHost(options, transport);
    transport.scheduleTurn();
    return host;
  }

  private constructor(options: GossipHostOptions, transport: GossipTransport) {
    const { onEvent: _, link: _link, membership = DEFAULT_MEMBERSHIP, ...others } = options;
    const run = drawNumber();
    this.#options = options;
    this.#transport = transport;
    this.#failed.promise.catch(() => {}); // Whoever waits for it is told.
    this.#node = new GossipNode(
      {
        ...membership,
        ...{ keepBytes: KEEP_BYTES, keepRumors: KEEP_RUMORS },
        ...others,
        ...{ address: formatAddress(options.address), run, incarnation: Date.now() },
        wantsReceipts: true,
      },
      this,
      new Random([run, drawNumber()]),
      performance.now(),
    );
  }

  /** Where it is. */
  get address(): Address {
    return this.#transport.address;
  }

  /** Rejects when the node can't go on, because another process has its name. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** How it is. */
  get report(): GossipReport {
    const peers = this.#node.members.filter(({ name }) => name !== this.#options.name)
      .sort((a, b) => a.name < b.name ? -1 : 1);
    return { ...this.#node.status, ...this.#transport.traffic, peers };
  }

  /** The rumors that are kept, in the order in which they were heard. */
  get rumors(): readonly Rumor[] {
    return this.#node.rumors;
  }

  /**
   * Says something to everybody.
   *
   * @returns What it is called.
   * @throws {RangeError} if the text is longer than {@linkcode MAX_RUMOR_BYTES}.
   */
  say(text: string): Rumor {
    return this.#do((now) => this.#node.say(text.toWellFormed(), now));
  }

  /** Wants to be in a network with this node, now or as soon as it is there. */
  join(name: NodeName, address: Address): void {
    this.#do((now) => this.#node.join({ name, address: formatAddress(address) }, now));
  }

  /** Says goodbye to the others, and ends. */
  async leave(): Promise<void> {
    if (!this.#isClosed) {
      this.#do((now) => this.#node.leave(now));
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, LEAVE_WITHIN_MS);
      await Promise.race([this.#left.promise, late.promise]);
      clearTimeout(timer);
      this.#end();
      await this.#transport.finish(LEAVE_WITHIN_MS);
    }
    await this.close();
  }

  /** Ends at once, as if it were killed. */
  async close(): Promise<void> {
    this.#end();
    await this.#transport.close();
  }

  // --- what the transport hands up

  /** Takes in a message. */
  receive(message: GossipMessage): void {
    if (this.#isClosed) return;
    this.#node.receive(message, performance.now());
    this.#news.tellAll();
  }

  /** Nobody listens there. */
  refused(address: string): void {
    this.#do((now) => this.#node.refused(address, now));
  }

  /** Whether the timer would be too late. */
  needsTurn(): boolean {
    return this.#node.deadline < this.#timerAt;
  }

  /** Does what is due, and sets the timer for the rest. */
  endTurn(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#node.deadline <= now) {
      this.#node.tick(now);
      this.#news.tellAll();
    }
    this.#schedule(now);
  }

  // --- GossipOutbox

  /** @ignore */
  send(address: string, message: GossipMessage): void {
    if (!this.#isClosed) this.#transport.send(address, message);
  }

  /** @ignore */
  check(address: string): void {
    if (!this.#isClosed) this.#transport.check(address);
  }

  /** @ignore */
  heard(rumor: Rumor): void {
    this.#news.add(() => this.#options.onEvent({ type: "rumor", rumor }));
  }

  /** @ignore */
  peer(name: NodeName, isUp: boolean): void {
    this.#news.add(() => this.#options.onEvent({ type: "peer", name, isUp }));
  }

  /** @ignore */
  displaced(address: string): void {
    const reason = `${address} is ${this.#options.name} too, and was started later: ` +
      "names must differ";
    this.#news.add(() => this.#failed.reject(new Error(reason)));
  }

  /** @ignore */
  left(): void {
    this.#left.resolve();
  }

  // --- turns

  /** Gives the protocol an input that comes from no message. */
  #do<T>(input: (now: Millis) => T): T {
    const result = input(performance.now());
    if (!this.#isClosed) this.#transport.scheduleTurn();
    this.#news.tellAll();
    return result;
  }

  /** One timer for all. One that is too early does no harm: it looks again. */
  #schedule(now: Millis): void {
    const at = this.#node.deadline;
    if (at <= now) this.#transport.scheduleTurn();
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

  #end(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}

/** A rumor's name as people and programs see it. */
export function rumorName({ origin, run, seq }: RumorId): string {
  return `${origin}/${run.toString(16)}/${seq}`;
}

/** 1 to 2^32 - 1. */
function drawNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! || 1;
}
