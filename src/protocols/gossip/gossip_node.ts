/**
 * A node of a gossip network: rumors spread from node to node until everybody has them.
 *
 * A rumor that is new to a node is hot there: it is told to partners drawn at random until most of them
 * know it (`rumor_mongering.ts`). Whom it misses gets it by anti-entropy (`anti_entropy.ts`). Who is there
 * to be drawn is what `membership.ts` knows. (Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis,
 * Swinehart and Terry, Epidemic Algorithms for Replicated Database Maintenance, 1987.)
 *
 * - Getters: `deadline`, `status`, `members`, `rumors`.
 * - What came: `receive`, `refused`.
 * - What the user wants: `say`, `join`, `leave`.
 * - Time: `tick` when the deadline is reached.
 *
 * Times are milliseconds of a clock that never goes back, the node's own.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import { AntiEntropy } from "./anti_entropy.ts";
import { type GossipCounts, type RumorMeasure, RumorTracker } from "./gossip_measures.ts";
import type { GossipOptions } from "./gossip_options.ts";
import { GOSSIP_RULES, type GossipRules } from "./gossip_rules.ts";
import { Membership } from "./membership.ts";
import {
  type Feedback,
  type GossipBody,
  type GossipMessage,
  MAX_RUMOR_BYTES,
  type MemberRecord,
  type NodeName,
  type Offer,
  type Push,
  type Receipt,
  type Rumor,
  type RumorId,
  type Supply,
} from "./messages.ts";
import type { GossipOutbox } from "./outbox.ts";
import { RumorMongering } from "./rumor_mongering.ts";
import { RumorPacker } from "./rumor_packer.ts";
import { keyOf, type RumorKey, RumorStore } from "./rumor_store.ts";
import { SeenRumors } from "./seen_rumors.ts";
import { WantedRumors } from "./wanted_rumors.ts";

/** What has just been heard goes on at once, but what comes in such a short time goes together. */
const GATHER_MS: Millis = 10;

/** A rumor is told for so long at most, whatever is answered: the answers may be lost. */
const LONGEST_HOT_MS: Millis = 60_000;

/** So many rumors are told one partner at a time, those heard last. Of more than that, the others have
 * their turn when these have come to rest, or get through by anti-entropy. */
const MOST_TOLD = 200;

/** Who leaves tells what he has said for so long at most, until somebody has it; and so often. */
const LAST_WORDS_MS: Millis = 2000;
const LAST_WORDS_PAUSE_MS: Millis = 200;

/** So many of a node's own rumors are told once more when it leaves, those that it has said last. */
const MAX_UNHEARD = 1000;

/** How a node is. */
export interface GossipStatus extends GossipCounts {
  /** Other nodes that are up, and that were. */
  readonly up: number;
  readonly down: number;
  /** Rumors that were heard, its own included; those of them that are kept for others, and those that are
   * being told. */
  readonly heard: number;
  readonly kept: number;
  readonly hot: number;
  /** Its own rumors that nobody is known to have. */
  readonly unheard: number;
  /** How many hops the others' rumors took to here: the mean, and the most. */
  readonly meanHops: number;
  readonly maxHops: number;
  /** What became of its own latest rumors, as far as receipts tell; the latest last. */
  readonly measures: readonly RumorMeasure[];
}

/** A node. */
export class GossipNode {
  readonly #options: GossipOptions;
  readonly #outbox: GossipOutbox;
  readonly #rules: GossipRules;
  readonly #membership: Membership;
  readonly #mongering: RumorMongering<RumorKey>;
  readonly #antiEntropy: AntiEntropy;
  readonly #seen = new SeenRumors();
  readonly #store: RumorStore;
  readonly #packer = new RumorPacker();
  readonly #wanted = new WantedRumors();
  readonly #tracker = new RumorTracker();
  readonly #counts: GossipCounts = {
    ...{ rumorsSent: 0, duplicates: 0, supplied: 0, messagesSent: 0 },
  };
  /** Until when each hot rumor is told at most. */
  readonly #hotUntil = new Map<RumorKey, Millis>();
  /** Heard a moment ago, and told to nobody yet. */
  #fresh: RumorKey[] = [];
  #freshAt: Millis = Infinity;
  #toldFreshAt: Millis = -Infinity;
  /** The next time that partners are drawn; Infinity while there is nothing to do. */
  #roundAt: Millis;
  #seq = 0;
  #heard = 0;
  #hopsSum = 0;
  #maxHops = 0;
  /** Its own rumors that nobody is known to have, the last at the end. */
  readonly #unheard = new Map<RumorKey, Rumor>();
  /** Whether it was told to join anybody. */
  #isLooking = false;
  #isLeaving = false;
  /** Until then what is unheard is told; Infinity if that is over. */
  #leaveBy: Millis = Infinity;
  #lastWordsAt: Millis = Infinity;
  #now: Millis;

  /** A node that knows nobody yet. */
  constructor(
    options: GossipOptions,
    outbox: GossipOutbox,
    random: Random,
    now: Millis,
    rules: GossipRules = GOSSIP_RULES,
  ) {
    const { keepRumors, keepBytes, antiEntropyMs } = options;
    this.#options = options;
    this.#outbox = outbox;
    this.#rules = rules;
    this.#now = now;
    this.#store = new RumorStore(keepRumors, keepBytes);
    this.#mongering = new RumorMongering<RumorKey>(options, random.fork(1), rules);
    const intervalMs = rules.hasAntiEntropy ? antiEntropyMs : null;
    this.#antiEntropy = new AntiEntropy(this.#seen, this.#store, intervalMs, random.fork(2), now);
    this.#membership = new Membership(
      options,
      {
        send: (address, body) => this.#send(address, body),
        check: (address) => outbox.check(address),
        peer: (name, isUp, address) => this.#peer(name, isUp, address),
        displaced: (address) => outbox.displaced(address),
        left: () => outbox.left(),
      },
      random.fork(3),
      now,
    );
    this.#roundAt = this.#pulls ? now + options.intervalMs * random.float() : Infinity;
  }

  /** When `tick` must be called next; Infinity if never. */
  get deadline(): Millis {
    const deadline = this.#membership.deadline;
    if (this.#isLeaving) return Math.min(deadline, this.#lastWordsAt, this.#leaveBy);
    return Math.min(deadline, this.#antiEntropy.deadline, this.#freshAt, this.#roundAt);
  }

  /** How it is. */
  get status(): GossipStatus {
    const others = this.members.filter(({ name }) => name !== this.#options.name);
    const up = others.filter(({ name }) => this.#membership.isUp(name)).length;
    const foreign = this.#heard - this.#seq;
    return {
      ...this.#counts,
      ...{ up, down: others.length - up },
      ...{ heard: this.#heard, kept: this.#store.size, hot: this.#hotUntil.size },
      unheard: this.#unheard.size,
      meanHops: foreign === 0 ? 0 : this.#hopsSum / foreign,
      maxHops: this.#maxHops,
      measures: this.#tracker.measures,
    };
  }

  /** All nodes that it knows of, itself included, and those that have gone while they are remembered. */
  get members(): readonly MemberRecord[] {
    return this.#membership.members;
  }

  /** The rumors that are kept, in the order in which they were heard. */
  get rumors(): readonly Rumor[] {
    return [...this.#store.all];
  }

  // --- what the user wants

  /**
   * Says something to everybody.
   *
   * @throws {RangeError} if the text is longer than {@linkcode MAX_RUMOR_BYTES}.
   */
  say(text: string, now: Millis): Rumor {
    if (utf8Length(text) > MAX_RUMOR_BYTES) {
      throw new RangeError(`A rumor has at most ${MAX_RUMOR_BYTES} bytes`);
    }
    const { name: origin, run, wantsReceipts: wantsReceipt } = this.#options;
    const rumor: Rumor = { origin, run, seq: ++this.#seq, text, wantsReceipt, hops: 0 };
    this.#now = now;
    if (wantsReceipt) this.#tracker.said(rumor.seq, this.#othersUp(), now);
    this.#seen.add(rumor);
    this.#keep(rumor);
    // Where nobody answers there is nothing to wait for.
    if (wantsReceipt || this.#options.reaction === "feedback") {
      this.#unheard.set(keyOf(rumor), rumor);
    }
    if (this.#unheard.size > MAX_UNHEARD) this.#unheard.delete(this.#unheard.keys().next().value!);
    this.#makeHot(keyOf(rumor));
    return rumor;
  }

  /** Wants to be in a network with this node: asks it again and again until it is known to be there. */
  join(contact: { readonly name: NodeName; readonly address: string }, now: Millis): void {
    this.#now = now;
    this.#isLooking = true;
    this.#membership.join(contact, now);
  }

  /** Says goodbye. What was heard a moment ago still goes on, and what was said here is told until
   * somebody has it, or for {@linkcode LAST_WORDS_MS}. */
  leave(now: Millis): void {
    if (this.#isLeaving) return;
    this.#now = now;
    if (this.#fresh.length > 0) this.#tellFresh();
    this.#isLeaving = true;
    this.#leaveBy = now + LAST_WORDS_MS;
    this.#lastWordsAt = now;
    this.#sayLastWords();
  }

  #sayLastWords(): void {
    if (this.#leaveBy === Infinity) return;
    const isAlone = !this.#isLooking && this.members.length === 1;
    if (this.#unheard.size === 0 || isAlone || this.#now >= this.#leaveBy) {
      this.#leaveBy = Infinity;
      this.#lastWordsAt = Infinity;
      this.#membership.leave(this.#now);
    } else if (this.#now >= this.#lastWordsAt) {
      this.#lastWordsAt = this.#now + LAST_WORDS_PAUSE_MS;
      const rumors = Array.from(this.#unheard.values(), (rumor) => ({ ...rumor, hops: 1 }));
      for (const { address } of this.#membership.draw(this.#options.fanout)) {
        this.#sendAll(rumors, address);
      }
    }
  }

  // --- what came

  /** A message came, which is well-formed. */
  receive(message: GossipMessage, now: Millis): void {
    this.#now = now;
    this.#membership.heard(message, now);
    const { address } = message.from;
    switch (message.type) {
      case "push":
        return this.#receivePush(message, address);
      case "offer":
        return this.#receiveOffer(message, address);
      case "pull":
        if (this.#options.mode !== "push") this.#tell(this.#mongering.hot, address);
        return;
      case "feedback":
        return this.#receiveFeedback(message, address);
      case "receipt":
        return this.#receiveReceipt(message, message.from.name);
      case "digest":
        if (!this.#rules.hasAntiEntropy) return;
        return this.#antiEntropy.answer(message, now, (body) => this.#supplyTo(address, body));
      case "supply":
        return this.#receiveSupply(message, address);
      default:
        this.#membership.receive(message, now);
    }
  }

  /** Nobody listens at this address, as was to be found out. */
  refused(address: string, now: Millis): void {
    this.#now = now;
    this.#membership.refused(address, now);
  }

  /** The deadline is reached. */
  tick(now: Millis): void {
    this.#now = now;
    this.#membership.tick(now);
    if (this.#isLeaving) return this.#sayLastWords();
    const partner = this.#antiEntropy.due(now);
    if (partner !== null) this.#beginExchange(partner);
    if (now >= this.#freshAt) this.#tellFresh();
    if (now >= this.#roundAt) this.#beginRound();
  }

  // --- telling

  get #pulls(): boolean {
    return this.#options.mode !== "push";
  }

  get #pushes(): boolean {
    return this.#options.mode !== "pull";
  }

  /** The rumor is to be told. */
  #makeHot(key: RumorKey): void {
    // One that is larger than all that may be kept isn't there any more.
    if (this.#store.get(key) === undefined) return;
    this.#mongering.learn(key);
    this.#hotUntil.set(key, this.#rules.losesInterest ? this.#now + LONGEST_HOT_MS : Infinity);
    if (!this.#pushes) return;
    this.#fresh.push(key);
    this.#freshAt = Math.min(this.#freshAt, Math.max(this.#now, this.#toldFreshAt + GATHER_MS));
    this.#roundAt = Math.min(this.#roundAt, this.#now + this.#options.intervalMs);
  }

  /** What has just been heard goes on. */
  #tellFresh(): void {
    const fresh = this.#fresh.filter((key) => this.#mongering.isHot(key));
    this.#fresh = [];
    this.#freshAt = Infinity;
    this.#toldFreshAt = this.#now;
    for (const { address } of this.#membership.draw(this.#options.fanout)) {
      this.#tell(fresh, address);
    }
  }

  /** Partners are told what is hot, and asked for what is hot there. */
  #beginRound(): void {
    for (const [key, until] of this.#hotUntil) if (this.#now >= until) this.#cool(key);
    const partners = this.#membership.draw(this.#options.fanout);
    for (const { address } of partners) {
      if (this.#pushes) this.#tell(this.#mongering.hot, address);
      if (this.#pulls) this.#send(address, { type: "pull" });
    }
    const isIdle = !this.#pulls && this.#mongering.isIdle;
    this.#roundAt = isIdle ? Infinity : this.#now + this.#options.intervalMs;
  }

  /** Tells one partner. */
  #tell(keys: Iterable<RumorKey>, address: string): void {
    const rumors: Rumor[] = [];
    for (const key of [...keys].slice(-MOST_TOLD)) {
      const rumor = this.#store.get(key);
      if (rumor === undefined) continue;
      rumors.push({ ...rumor, hops: rumor.hops + 1 });
      this.#mongering.told(key);
      this.#coolIfDone(key);
    }
    this.#sendAll(rumors, address);
  }

  #sendAll(rumors: readonly Rumor[], address: string): void {
    for (const message of this.#packer.pack(rumors)) {
      if (message.type === "push") this.#counts.rumorsSent += message.rumors.length;
      this.#send(address, message);
    }
  }

  #cool(key: RumorKey): void {
    this.#mongering.forget(key);
    this.#coolIfDone(key);
  }

  #coolIfDone(key: RumorKey): void {
    if (this.#mongering.isHot(key) || !this.#hotUntil.delete(key)) return;
    if (this.#mongering.isIdle) this.#antiEntropy.settled(this.#now);
  }

  // --- hearing

  #receivePush({ rumors }: Push, address: string): void {
    const known: RumorId[] = [];
    const fresh: RumorId[] = [];
    for (const rumor of rumors) {
      const isNew = this.#take(rumor, true);
      if (!isNew) this.#counts.duplicates++;
      if (isNew) this.#makeHot(keyOf(rumor));
      // A large one was offered before, and that was answered.
      if (!this.#packer.isLarge(rumor)) (isNew ? fresh : known).push(idOf(rumor));
    }
    if (this.#options.reaction === "feedback" && known.length + fresh.length > 0) {
      this.#send(address, { type: "feedback", known, fresh });
    }
  }

  #receiveOffer({ rumors }: Offer, address: string): void {
    const known: RumorId[] = [];
    const fresh: RumorId[] = [];
    for (const rumor of rumors) {
      const isKnown = this.#seen.has(rumor) || !this.#wanted.want(keyOf(rumor), this.#now);
      (isKnown ? known : fresh).push(idOf(rumor));
    }
    this.#send(address, { type: "feedback", known, fresh });
  }

  #receiveFeedback({ known, fresh }: Feedback, address: string): void {
    for (const id of known) {
      this.#answered(keyOf(id), true);
      this.#unheard.delete(keyOf(id));
    }
    for (const id of fresh) {
      this.#answered(keyOf(id), false);
      const rumor = this.#store.get(keyOf(id));
      if (rumor === undefined || !this.#packer.isLarge(rumor)) {
        this.#unheard.delete(keyOf(id));
        continue;
      }
      this.#counts.rumorsSent++;
      this.#send(address, { type: "push", rumors: [{ ...rumor, hops: rumor.hops + 1 }] });
    }
  }

  #answered(key: RumorKey, wasKnown: boolean): void {
    this.#mongering.answered(key, wasKnown);
    this.#coolIfDone(key);
  }

  #receiveReceipt(receipt: Receipt, from: NodeName): void {
    const { origin, run } = receipt.rumor;
    if (origin !== this.#options.name || run !== this.#options.run) return;
    this.#unheard.delete(keyOf(receipt.rumor));
    this.#tracker.received(from, receipt, this.#now);
  }

  #receiveSupply(message: Supply, address: string): void {
    let isAnyNew = false;
    for (const rumor of message.rumors) {
      if (!this.#take(rumor, false)) continue;
      this.#counts.supplied++;
      isAnyNew = true;
    }
    const say = (body: GossipBody) => this.#send(address, body);
    this.#antiEntropy.supplied(message, isAnyNew, this.#now, say);
  }

  /** Returns whether it was new. */
  #take(rumor: Rumor, isByRumor: boolean): boolean {
    const isNew = this.#seen.add(rumor);
    if (!isNew && this.#rules.remembersSeen) return false;
    this.#wanted.got(keyOf(rumor));
    this.#keep(rumor);
    this.#hopsSum += rumor.hops;
    this.#maxHops = Math.max(this.#maxHops, rumor.hops);
    if (rumor.wantsReceipt) this.#acknowledge(rumor, isByRumor);
    return isNew;
  }

  #keep(rumor: Rumor): void {
    this.#heard++;
    for (const dropped of this.#store.add(rumor)) this.#cool(dropped);
    this.#outbox.heard(rumor);
  }

  /** Tells the origin, if it is up. */
  #acknowledge(rumor: Rumor, isByRumor: boolean): void {
    const origin = this.#membership.find(rumor.origin);
    if (origin === undefined || !this.#membership.isUp(origin.name)) return;
    const { hops } = rumor;
    this.#send(origin.address, { type: "receipt", rumor: idOf(rumor), hops, isByRumor });
  }

  // --- exchanges

  #beginExchange(partner: string): void {
    const address = partner === "anybody" ? this.#membership.draw(1)[0]?.address : partner;
    if (address !== undefined) this.#send(address, this.#antiEntropy.question());
  }

  #supplyTo(address: string, body: GossipBody): void {
    if (body.type !== "supply") return this.#send(address, body);
    const rumors = body.rumors.map((rumor) => ({ ...rumor, hops: rumor.hops + 1 }));
    this.#counts.rumorsSent += rumors.length;
    this.#send(address, { ...body, rumors });
  }

  // --- others

  #peer(name: NodeName, isUp: boolean, address: string): void {
    if (isUp) this.#antiEntropy.met(address, this.#now);
    this.#outbox.peer(name, isUp, address);
  }

  #othersUp(): NodeName[] {
    const { name: self } = this.#options;
    return this.members.map(({ name }) => name).filter((name) =>
      name !== self && this.#membership.isUp(name)
    );
  }

  #send(address: string, body: GossipBody): void {
    this.#counts.messagesSent++;
    const envelope = { from: this.#membership.self, news: this.#membership.takeNews() };
    this.#outbox.send(address, { ...body, ...envelope });
  }
}

function idOf({ origin, run, seq }: RumorId): RumorId {
  return { origin, run, seq };
}

/** How many bytes of UTF-8 the text has; a lone surrogate counts as the replacement character. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
