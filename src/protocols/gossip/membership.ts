/**
 * Who is in the network, as one node knows it: SWIM (Das, Gupta and Motivala, SWIM: Scalable
 * Weakly-consistent Infection-style Process Group Membership Protocol, 2002).
 *
 * - A failure detector finds out who has crashed (`failure_detector.ts`).
 * - Who joins, crashes or leaves becomes known by news, which ride on all that nodes say
 *   (`member_news.ts`). Fresh news don't wait for that: they are told a few members at once.
 * - Only a node itself can contradict what is said of it, with a higher incarnation (`own_record.ts`).
 *   So whoever is heard though he is taken for suspect or dead is told so.
 * - The dead are tried again (`lost_members.ts`), and now and then somebody is asked for all that he
 *   knows: so halves that were apart come together, and what news have missed comes after all.
 *
 * All time is punctual time (`punctual_clock.ts`): what waits goes on waiting for as long as this process
 * was late.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import { type Contact, Contacts } from "./contacts.ts";
import { FailureDetector } from "./failure_detector.ts";
import { Farewell } from "./farewell.ts";
import type { GossipOptions, MembershipOptions } from "./gossip_options.ts";
import { LostMembers } from "./lost_members.ts";
import { MemberNews } from "./member_news.ts";
import { isUpState, MemberTable } from "./member_table.ts";
import type {
  Envelope,
  MemberRecord,
  MembershipMessage,
  NodeName,
  Ping,
  PingRequest,
} from "./messages.ts";
import { OwnRecord } from "./own_record.ts";
import { PunctualClock } from "./punctual_clock.ts";

/**
 * Knobs that do for networks of up to a thousand nodes on one machine or many.
 *
 * - `probeIntervalMs`: a crashed node is probed for the first time after one interval on average, and
 *   after t of them in all but e^-t of the cases. A quiet node sends two datagrams an interval, however
 *   many nodes there are.
 * - `probeTimeoutMs`: longer than a round trip, and at most half an interval, so that an indirect probe
 *   comes back within it.
 * - `indirectProbes`: with loss p of each datagram, a live node is suspected in about
 *   (1 - (1-p)²)⁴ (1 - (1-p)⁴)^indirectProbes of its probes: 3 in 1000 at 20 %.
 * - `suspicionMs`: how long a node may be stopped or cut off without being missed, but for the second or
 *   so in which its contradiction reaches everybody. One that was killed is missed sooner, if its machine
 *   is there to say so.
 */
export const DEFAULT_MEMBERSHIP: MembershipOptions = {
  probeIntervalMs: 500,
  probeTimeoutMs: 250,
  indirectProbes: 3,
  suspicionMs: 5000,
};

/** Fresh news are told so many at once, and this often in a probe interval. */
const TOLD_AT_ONCE = 2;
const TELLINGS_PER_INTERVAL = 5;

/** And all are told for so many intervals. In each, everybody asks somebody something. */
const NEWS_INTERVALS = 3;

/** A question that isn't the user's is asked so often at most. */
const BRIEF_QUESTIONS = 4;

/** Somebody is asked for all that he knows: soon after the start, and then less and less often, while he
 * knows nobody new. */
const FIRST_EXCHANGE_MS: Millis = 1000;
const LAST_EXCHANGE_MS: Millis = 30_000;

/** What membership wants from its node. Who sends takes the news for the envelope at once: some are for
 * the one that gets it. */
export interface MembershipOutbox {
  send(address: string, body: MembershipMessage): void;
  /** Finds out whether anybody listens at this address. If not, `refused` is to be called. */
  check(address: string): void;
  /** A node has come up, or has gone down. */
  peer(name: NodeName, isUp: boolean, address: string): void;
  /** Another process at this address has our name, and more right to it. This one has gone silent. */
  displaced(address: string): void;
  /** Enough of the others know that we leave. */
  left(): void;
}

/** The membership of one node. */
export class Membership {
  readonly #outbox: MembershipOutbox;
  readonly #random: Random;
  readonly #clock: PunctualClock;
  readonly #own: OwnRecord;
  readonly #table: MemberTable;
  readonly #news: MemberNews;
  readonly #detector: FailureDetector;
  readonly #contacts = new Contacts();
  readonly #lost: LostMembers;
  readonly #tellMs: Millis;
  readonly #remindMs: Millis;
  /** When each was last told what others think of him; those of whom it is long ago are forgotten. */
  readonly #remindedAt = new Map<NodeName, Millis>();
  /** When fresh news are told; Infinity if there are none. */
  #tellAt: Millis = Infinity;
  #exchangeAt: Millis;
  #exchangeMs: Millis = FIRST_EXCHANGE_MS;
  #farewell: Farewell | null = null;
  /** The punctual time of the latest call. */
  #time: Millis;
  /** It has left, or was displaced: nothing is said any more. */
  #isOver = false;

  /** A node that knows nobody. */
  constructor(
    options: MembershipOptions & Pick<GossipOptions, "name" | "address" | "incarnation">,
    outbox: MembershipOutbox,
    random: Random,
    now: Millis,
  ) {
    const { probeIntervalMs, probeTimeoutMs } = options;
    this.#outbox = outbox;
    this.#random = random;
    this.#clock = new PunctualClock(probeTimeoutMs / 5, probeTimeoutMs / 5, now);
    this.#time = now;
    this.#own = new OwnRecord(options);
    this.#table = new MemberTable(random);
    this.#news = new MemberNews(NEWS_INTERVALS * probeIntervalMs);
    this.#detector = new FailureDetector(
      options,
      this.#table,
      {
        send: (address, body) => outbox.send(address, body),
        check: (address) => outbox.check(address),
        confront: (suspect) => this.#news.addNext(suspect),
        accuse: (record, time) => this.#learn(record, time),
      },
      random,
      now,
    );
    this.#lost = new LostMembers(this.#table, random, now);
    this.#tellMs = probeIntervalMs / TELLINGS_PER_INTERVAL;
    this.#remindMs = probeTimeoutMs / 2;
    this.#exchangeAt = now + random.between(0.5, 1) * FIRST_EXCHANGE_MS;
    this.#clock.expect(this.deadline);
  }

  /** What this node says of itself. */
  get self(): MemberRecord {
    return this.#own.record;
  }

  /** When `tick` must be called next; Infinity if never. */
  get deadline(): Millis {
    if (this.#isOver) return Infinity;
    if (this.#farewell !== null) return this.#clock.when(this.#farewell.deadline);
    return this.#clock.when(Math.min(
      ...[this.#detector.deadline, this.#contacts.deadline, this.#lost.deadline],
      ...[this.#tellAt, this.#exchangeAt],
    ));
  }

  /** All that is known: this node, those that are up, and those that have gone while they are
   * remembered. */
  get members(): readonly MemberRecord[] {
    return [this.#own.record, ...this.#table.records];
  }

  /** What is known of another node. */
  find(name: NodeName): MemberRecord | undefined {
    return this.#table.get(name);
  }

  /** Whether another node is alive or suspect. */
  isUp(name: NodeName): boolean {
    return this.#table.isUp(name);
  }

  /** Different others that are alive or suspect, drawn at random; fewer if there are fewer. */
  draw(count: number, not?: NodeName): MemberRecord[] {
    return this.#table.draw(count, not);
  }

  /** News for an envelope, which count as told by that. */
  takeNews(): MemberRecord[] {
    return this.#news.take(this.#size, this.#time);
  }

  // --- what the user wants

  /** Wants to be in a network with this node: asks it again and again until it has answered. */
  join(contact: Contact, now: Millis): void {
    const { name, address } = this.self;
    if (contact.name === name || contact.address === address) return;
    this.#turn(now, (time) => this.#contacts.add(contact, Infinity, time));
  }

  /** Tells several members that it leaves, and then the host that it has left. */
  leave(now: Millis): void {
    this.#turn(now, (time) => {
      if (this.#farewell !== null) return;
      this.#own.leave();
      this.#farewell = new Farewell(this.#table, this.#remindMs, time);
      this.#takeLeave(time);
    });
  }

  // --- what came

  /** A message has come, of whatever kind: who sends it, and the news that came with it. */
  heard(envelope: Envelope, now: Millis): void {
    this.#turn(now, (time) => {
      this.#hear(envelope.from, time);
      for (const record of envelope.news) this.#learn(record, time, envelope.from);
    });
  }

  /** Takes in the message that `heard` was called for. */
  receive(message: MembershipMessage & Envelope, now: Millis): void {
    this.#turn(now, (time) => this.#handle(message, time));
  }

  /** Nobody listens at this address. */
  refused(address: string, now: Millis): void {
    this.#turn(now, (time) => this.#detector.refused(address, time));
  }

  /** The deadline is reached. */
  tick(now: Millis): void {
    this.#turn(now, (time) => {
      if (this.#clock.isReading(now)) return;
      if (this.#farewell !== null) return this.#takeLeave(time);
      this.#detector.tick(time);
      for (const contact of this.#contacts.take(time)) this.#ask(contact);
      for (const record of this.#lost.take(time)) this.#ask(record);
      if (time >= this.#tellAt) this.#tell(time);
      if (time >= this.#exchangeAt) this.#exchange(time);
    });
  }

  // --- inside, in punctual time

  /** Everybody that is up, itself included. */
  get #size(): number {
    return this.#table.upCount + 1;
  }

  #turn(now: Millis, action: (time: Millis) => void): void {
    if (this.#isOver) return;
    this.#time = this.#clock.at(now);
    action(this.#time);
    this.#clock.expect(this.deadline);
  }

  #handle(message: MembershipMessage & Envelope, now: Millis): void {
    const { address, name } = message.from;
    switch (message.type) {
      case "join":
        if (this.#farewell === null) {
          this.#outbox.send(address, { type: "welcome", members: this.members });
        }
        return;
      case "welcome":
        return this.#receiveWelcome(message.members, message.from, now);
      case "ping":
        if (message.target !== this.self.name) return;
        return this.#acknowledge(message, address);
      case "ping-request":
        if (message.target === this.self.name) return this.#acknowledge(message, address);
        return this.#detector.receivePingRequest(message, address);
      case "ack":
        if (name === message.target) this.#farewell?.heard(name);
        this.#detector.receiveAck(message);
        if (this.#farewell !== null) this.#takeLeave(now);
    }
  }

  #acknowledge({ target, probe }: Ping | PingRequest, address: string): void {
    this.#outbox.send(address, { type: "ack", target, probe });
  }

  /** All that somebody knows. */
  #receiveWelcome(members: readonly MemberRecord[], from: MemberRecord, now: Millis): void {
    // Who has left since may come back knowing nobody: that answer was his last.
    if (this.#table.isUp(from.name)) this.#contacts.answered(from.name);
    // What a newcomer learns is news to nobody else.
    const isNewcomer = this.#table.draw(1, from.name).length === 0;
    const { upCount } = this.#table;
    for (const record of members) {
      const { name, state } = record;
      // It may be that only he was cut off from a member: it can contradict.
      const isDoubtful = state === "dead" && this.#table.isUp(name);
      this.#learn(isDoubtful ? { ...record, state: "suspect" } : record, now, from, !isNewcomer);
      const isDisputed = isUpState(state) && this.#table.get(name)?.state === "dead";
      if (isDisputed) this.#lost.dispute(name, now);
    }
    if (this.#table.upCount <= upCount) return;
    this.#exchangeMs = FIRST_EXCHANGE_MS;
    this.#exchangeAt = Math.min(this.#exchangeAt, this.#exchangePause(now));
  }

  /** A message came from this node itself. */
  #hear(from: MemberRecord, now: Millis): void {
    if (from.name === this.self.name) return this.#learnOfSelf(from, now);
    const wasKnown = this.#table.get(from.name) !== undefined;
    const wasUp = this.#table.isUp(from.name);
    this.#learn(from, now);
    const known = this.#table.get(from.name);
    if (known === undefined) return; // There are too many.
    const isThisProcess = known.incarnation === from.incarnation && known.address === from.address;
    if (isThisProcess) this.#detector.heardFrom(from.name);
    if (!isThisProcess || known.state !== from.state) return this.#remind(from, known, now);
    // Who was away knows what we don't; and so does everybody, if we are alone.
    const isStranger = !wasUp && (wasKnown || this.#table.upCount === 1);
    if (isStranger && this.#table.isUp(from.name)) this.#askBriefly(from, now);
  }

  /** Tells somebody what is thought of him, so that he can contradict. */
  #remind(from: MemberRecord, known: MemberRecord, now: Millis): void {
    const remindedAt = this.#remindedAt.get(from.name) ?? -Infinity;
    // Who has said goodbye says no more, but some of what he has said comes late.
    const hasGone = known.state === "left" && known.incarnation === from.incarnation;
    if (now < remindedAt + this.#remindMs || hasGone || this.#farewell !== null) return;
    for (const [name, at] of this.#remindedAt) {
      if (now < at + this.#remindMs) break;
      this.#remindedAt.delete(name);
    }
    this.#remindedAt.delete(from.name);
    this.#remindedAt.set(from.name, now);
    this.#news.addNext(known);
    this.#outbox.send(from.address, { type: "ping", target: from.name, probe: 0 });
  }

  /** Takes over what is said of a node, and says it to others if it is news.
   *
   * @param teller Who says it, if not we ourselves. */
  #learn(record: MemberRecord, now: Millis, teller?: MemberRecord, isToldOn = true): void {
    const { name, address, state } = record;
    if (this.#isOver) return;
    if (name === this.self.name) return this.#learnOfSelf(record, now, teller);
    const change = this.#table.put(record);
    if (change === "nothing") return;
    if (isToldOn) this.#spread(record, now);
    this.#detector.changed(record, change, now);
    if (change === "went") this.#contacts.gone(name, now);
    if (change === "came" || change === "went") {
      this.#outbox.peer(name, isUpState(state), address);
    }
  }

  #learnOfSelf(said: MemberRecord, now: Millis, teller?: MemberRecord): void {
    const verdict = this.#own.judge(said);
    if (verdict === "displaced") {
      this.#isOver = true;
      if (this.#farewell === null) this.#outbox.displaced(said.address);
      else this.#outbox.left();
    } else if (verdict === "rivalled") {
      this.#remind(said, this.self, now);
    } else if (verdict === "renewed") {
      this.#spread(this.self, now);
      // Who was dead for others has missed what they said.
      if (said.state === "dead" && teller !== undefined) this.#askBriefly(teller, now);
    }
  }

  #spread(record: MemberRecord, now: Millis): void {
    this.#news.add(record, now);
    if (this.#tellAt === Infinity) this.#tellAt = now + this.#random.float() * this.#tellMs;
  }

  /** Tells some members what is fresh. Their answers carry their own news. */
  #tell(now: Millis): void {
    for (const { name, address } of this.#table.draw(TOLD_AT_ONCE)) {
      this.#outbox.send(address, { type: "ping", target: name, probe: 0 });
    }
    const isMore = this.#table.upCount > 0 && this.#news.isUrgent(this.#size);
    this.#tellAt = isMore ? now + this.#tellMs : Infinity;
  }

  /** Asks somebody what he knows. It may be that only this makes up for news that were lost. */
  #exchange(now: Millis): void {
    for (const record of this.#table.draw(1)) {
      this.#ask(record);
      this.#exchangeMs = Math.min(2 * this.#exchangeMs, LAST_EXCHANGE_MS);
    }
    this.#exchangeAt = this.#exchangePause(now);
  }

  /** When the pause that begins now is over. */
  #exchangePause(now: Millis): Millis {
    return now + this.#random.between(0.75, 1.25) * this.#exchangeMs;
  }

  #ask({ name, address }: Contact): void {
    const known = this.#table.get(name);
    if (known?.state === "dead" || known?.state === "left") this.#news.addNext(known);
    this.#outbox.send(address, { type: "join" });
  }

  /** One such question at a time will do: the answer has everything. */
  #askBriefly(contact: Contact, now: Millis): void {
    if (this.#contacts.isAskingBriefly || this.#farewell !== null) return;
    this.#contacts.add(contact, BRIEF_QUESTIONS, now);
  }

  #takeLeave(now: Millis): void {
    const farewell = this.#farewell;
    if (farewell === null) return;
    if (farewell.isOver(now)) {
      this.#isOver = true;
      this.#outbox.left();
      return;
    }
    for (const { name, address } of farewell.take(now)) {
      this.#outbox.send(address, { type: "ping", target: name, probe: 0 });
    }
  }
}
