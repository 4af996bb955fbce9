/**
 * The coordinator of a persistent multicast: it keeps messages for those who are offline, and brings
 * them to those who are online.
 *
 * A host feeds it with what came from the network and ends each turn of its event loop with
 * `endTurn`. Then everything that the turn brought is made durable as one batch; then it is
 * answered; then it is performed: connections are opened and closed, and messages pushed. So an
 * answer means that it is on disk, and nobody sees what might still be lost.
 *
 * - Getters: `deadline`, `delivered`, `members`.
 * - What came: `request`, `linkOpened`, `linkFailed`, `acknowledged`, `linkClosed`.
 * - Time: `tick` when the deadline is reached, before `endTurn`.
 *
 * Times are milliseconds since the epoch of a clock that never goes back during a run.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { CoordinatorOutbox } from "./coordinator_outbox.ts";
import { DeliveryLink, type Window } from "./delivery_link.ts";
import { MembershipRules, SILENCE_MS } from "./membership_rules.ts";
import { latestTime, prunable } from "./pruning.ts";
import { RecentMessages } from "./recent_messages.ts";
import { type Member, Roster } from "./roster.ts";
import { SteadyClock } from "./steady_clock.ts";
import { cursorAfterReturn } from "./td_rule.ts";
import {
  type Address,
  type LinkEnd,
  MAX_TEXT_BYTES,
  type MemberId,
  type Message,
  type Reply,
  type Request,
} from "./messages.ts";
import type { MemberRecord, MessageLog } from "./message_log.ts";

/** Cursors are saved, and members looked after, so often. */
const UPKEEP_MS: Millis = 1000;

/** A delivery connection without a sign of life for so long is closed, and made anew. It is ten times
 * what participants keep to. */
const LINK_TIMEOUT_MS: Millis = 10_000;

/** Answers are kept for so long, for clients that ask again: longer than any of them tries. */
const REMEMBER_MS: Millis = 300_000;

/** Old answers are cleaned away so often where there are no messages to clean away. */
const PRUNE_ANSWERS_MS: Millis = 60_000;

/** Messages wait no longer than this for a push after the one before. */
const PUSH_PAUSE_MAX_MS: Millis = 10;

const HOUR_MS: Millis = 3_600_000;

/** The parts of a coordinator that a simulated mistake exchanges. */
export interface CoordinatorParts {
  readonly cursorAfterReturn: typeof cursorAfterReturn;
  makeLink(link: number, session: string, position: number): DeliveryLink;
}

/** The real parts. */
export const COORDINATOR_PARTS: CoordinatorParts = {
  cursorAfterReturn,
  makeLink: (link, session, position) => new DeliveryLink(link, session, position),
};

/** How a coordinator works. */
export interface CoordinatorOptions {
  /** The persistence threshold. Fractions of a millisecond make no difference. */
  readonly tdMs: Millis;
  readonly log: MessageLog;
  /** At most so many messages are on their way to one member: more help on long paths and with slow
   * disks, less saves memory (default: 256). */
  readonly windowMessages?: number;
  /** And at most so many bytes of payloads: at least `MAX_TEXT_BYTES` (default: 1 MiB). */
  readonly windowBytes?: number;
  /** After a push, the next one waits so long for each member that this one went to, but never longer
   * than ten milliseconds: where messages come one by one and fast, several go together, which is
   * less work for everybody; who comes alone doesn't wait (default: 0). */
  readonly pushPauseMs?: Millis;
  /** A member that is online and hasn't been heard of for so long goes offline: until then, it keeps
   * its messages from being cleaned away (default: td, but at least an hour). */
  readonly giveUpMs?: Millis;
}

/** A member as `status` shows it. */
export interface MemberView {
  readonly id: MemberId;
  readonly address: Address;
  readonly state: "online" | "offline";
  /** Whether a delivery connection to it is up. */
  readonly connected: boolean;
  /** Messages that are stored, meant for it, and not yet acknowledged by it. */
  readonly backlog: number;
  /** Of those, how many are on their way to it. */
  readonly inFlight: number;
  /** Null if there was no sign of life since the coordinator's start. */
  readonly lastAckAgeMs: Millis | null;
}

/** An answer that waits for the batch. */
interface HeldReply {
  readonly connection: number;
  readonly reply: Reply;
  /** Of the request, if it is to be answered with its outcome. */
  readonly key: string;
}

/** The coordinator. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #log: MessageLog;
  readonly #outbox: CoordinatorOutbox;
  readonly #parts: CoordinatorParts;
  readonly #clock: SteadyClock;
  readonly #startedAt: Millis;
  readonly #roster: Roster;
  readonly #rules: MembershipRules;
  readonly #recent: RecentMessages;
  readonly #window: Window;
  readonly #giveUpMs: Millis;
  readonly #pushPauseMs: Millis;
  /** Delivery connections that are up, with their members. */
  readonly #links = new Map<number, Member>();
  /** There may be something to push to these. */
  readonly #ready = new Set<Member>();
  /** The messages of the open batch. */
  #batch: Message[] = [];
  #isBatchOpen = false;
  #replies: HeldReply[] = [];
  #upkeepAt: Millis;
  #retryAt: Millis = Infinity;
  /** Nothing is pushed before. */
  #pushAt: Millis = -Infinity;
  /** 0 where a batch has failed, because it may have been that one. */
  #prunedUpTo = 0;
  #prunedAt: Millis;
  #delivered = 0;

  /** Connects to those who are online.
   *
   * @param now The host's clock. */
  constructor(
    options: CoordinatorOptions,
    outbox: CoordinatorOutbox,
    now: Millis,
    parts: CoordinatorParts = COORDINATOR_PARTS,
  ) {
    const { log } = options;
    this.#options = options;
    this.#log = log;
    this.#outbox = outbox;
    this.#parts = parts;
    this.#clock = new SteadyClock(latestTime(log), now);
    this.#startedAt = this.#clock.read(now);
    this.#roster = new Roster(log, this.#startedAt);
    this.#rules = new MembershipRules(options, this.#roster, parts.cursorAfterReturn);
    this.#recent = new RecentMessages(log.lastSeq);
    this.#window = {
      messages: options.windowMessages ?? 256,
      bytes: options.windowBytes ?? MAX_TEXT_BYTES + 1024,
    };
    this.#giveUpMs = options.giveUpMs ?? Math.max(options.tdMs, HOUR_MS);
    this.#pushPauseMs = options.pushPauseMs ?? 0;
    this.#prunedAt = this.#startedAt;
    this.#upkeepAt = now + UPKEEP_MS;
    for (const member of this.#roster.values()) this.#settle(member);
  }

  /** When `tick` must be called next, on the host's clock. */
  get deadline(): Millis {
    const pushAt = this.#ready.size > 0 ? this.#pushAt : Infinity;
    return Math.min(this.#upkeepAt, this.#retryAt, pushAt);
  }

  /** Messages acknowledged by members since the start; one that three members have counts three
   * times. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Everybody who is a member, in the order of their IDs. */
  members(now: Millis): MemberView[] {
    const at = this.#clock.read(now);
    const views: MemberView[] = [];
    for (const member of this.#roster.values()) {
      const { record, link } = member;
      if (record === null) continue;
      views.push({
        id: member.id,
        address: record.address,
        state: record.state,
        connected: link !== null,
        backlog: Math.max(0, this.#recent.lastSeq - member.cursor),
        inFlight: link?.inFlight ?? 0,
        lastAckAgeMs: member.isHeard ? at - member.aliveAt : null,
      });
    }
    return views.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  // --- requests

  /** A request came. It is answered at the end of the turn. */
  request(connection: number, request: Request, now: Millis): void {
    const key = requestKey(request);
    const seq = this.#log.seqOfRequest(key);
    const reply = seq === undefined
      ? this.#perform(request, key, this.#clock.read(now))
      : this.#ok(request.request, seq);
    this.#replies.push({ connection, reply, key });
  }

  #perform(request: Request, key: string, now: Millis): Reply {
    const refusal = this.#rules.refuse(request, now);
    if (refusal !== null) return { type: "error", request: request.request, ...refusal };
    this.#isBatchOpen = true;
    if (request.type === "msend") return this.#ok(request.request, this.#append(request, key, now));
    const seq = this.#rules.apply(request, now);
    this.#log.remember(key, seq, now);
    return this.#ok(request.request, seq);
  }

  #append({ id, payload }: { id: MemberId; payload: Uint8Array }, key: string, at: Millis): number {
    const message = { seq: this.#log.lastSeq + 1, at, sender: id, payload };
    this.#log.append(message, key);
    this.#batch.push(message);
    return message.seq;
  }

  #ok(request: string, seq: number): Reply {
    return { type: "ok", request, seq, store: this.#log.store };
  }

  // --- delivery connections

  /** A delivery connection is up: the participant at its other end has everything up to `logged`. */
  linkOpened(link: number, id: MemberId, session: string, logged: number, now: Millis): void {
    const member = this.#roster.get(id);
    if (member?.connecting === session) member.connecting = null;
    if (member === undefined || !isWanted(member, session) || member.link !== null) {
      this.#outbox.closeLink(link, member?.record?.state === "online" ? "replaced" : "left");
    } else if (logged > this.#recent.lastSeq) {
      this.#outbox.closeLink(link, "invalid");
      this.#retryLater(member, now);
    } else {
      member.cursor = Math.max(member.cursor, logged);
      member.link = this.#parts.makeLink(link, session, member.cursor);
      this.#links.set(link, member);
      this.#ready.add(member);
      member.backoff.reset();
      this.#heard(member, this.#clock.read(now));
    }
  }

  /** An attempt to connect has failed. */
  linkFailed(id: MemberId, session: string, now: Millis): void {
    const member = this.#roster.get(id);
    if (member === undefined || member.connecting !== session) return;
    member.connecting = null;
    if (!isWanted(member, session)) return;
    this.#lost(member);
    this.#retryLater(member, now);
  }

  /** A participant has everything up to `seq`. */
  acknowledged(link: number, seq: number, now: Millis): void {
    const member = this.#links.get(link);
    if (member === undefined) return; // It was closed in the meantime.
    if (!member.link!.acknowledge(seq)) {
      this.#dropLink(member, "invalid");
      this.#lost(member);
      this.#retryLater(member, now);
      return;
    }
    // What another session has in its log is no business of this one.
    if (!isWanted(member, member.link!.session)) return;
    this.#delivered += Math.max(0, seq - member.cursor);
    member.cursor = Math.max(member.cursor, seq);
    if (member.link!.sent < this.#recent.lastSeq) this.#ready.add(member);
    this.#heard(member, this.#clock.read(now));
  }

  /** A delivery connection is gone. */
  linkClosed(link: number, now: Millis): void {
    const member = this.#links.get(link);
    if (member === undefined) return; // We have closed it.
    const { session } = member.link!;
    this.#links.delete(link);
    member.link = null;
    if (!isWanted(member, session)) return;
    this.#lost(member);
    this.#retryLater(member, now);
  }

  /** A sign of life. */
  #heard(member: Member, now: Millis): void {
    member.aliveAt = now;
    member.isHeard = true;
    member.lostSince = null;
    if (member.record!.offlineSince !== null) this.#save(member, { offlineSince: null });
  }

  /** It seems to have died: if so, right after its last sign of life. */
  #lost(member: Member): void {
    if (member.lostSince !== null) return;
    member.lostSince = member.aliveAt;
    this.#save(member, { offlineSince: member.lostSince });
  }

  #save(member: Member, change: Partial<MemberRecord>): void {
    this.#isBatchOpen = true;
    this.#roster.save(member, change);
  }

  #dropLink(member: Member, why: LinkEnd): void {
    const { link } = member.link!;
    this.#outbox.closeLink(link, why);
    this.#links.delete(link);
    member.link = null;
  }

  #retryLater(member: Member, now: Millis): void {
    member.retryAt = member.backoff.after(now);
    this.#retryAt = Math.min(this.#retryAt, member.retryAt);
  }

  // --- time

  /** Looks after members, connections and the store, if it is time to. */
  tick(now: Millis): void {
    if (now < this.#upkeepAt) return;
    this.#upkeepAt = now + UPKEEP_MS;
    const at = this.#clock.read(now);
    for (const member of this.#roster.values()) {
      if (member.record?.state === "online") this.#lookAfter(member, at, now);
    }
    this.#prune(at);
  }

  #lookAfter(member: Member, at: Millis, now: Millis): void {
    const silentMs = at - member.aliveAt;
    if (silentMs > SILENCE_MS) this.#lost(member);
    if (silentMs > LINK_TIMEOUT_MS && member.link !== null) {
      this.#dropLink(member, "silent");
      this.#retryLater(member, now);
    }
    const { lostSince, cursor, record } = member;
    if (lostSince !== null && at - lostSince > this.#giveUpMs) {
      this.#save(member, { state: "offline", offlineSince: lostSince });
    } else if (cursor > record!.cursor || lostSince !== record!.offlineSince) {
      this.#save(member, { offlineSince: lostSince });
    }
  }

  /** Cursors have just been saved: nothing is cleaned away that a saved cursor still asks for. */
  #prune(at: Millis): void {
    const upTo = prunable(this.#roster.values(), this.#log, this.#options.tdMs);
    const isMuch = upTo > this.#prunedUpTo;
    if (!isMuch && at - this.#prunedAt < PRUNE_ANSWERS_MS) return;
    // Clients that asked before the start may only ask again now.
    const isLongEnough = at - this.#startedAt > REMEMBER_MS;
    this.#log.prune(upTo, isLongEnough ? at - REMEMBER_MS : 0);
    this.#prunedUpTo = upTo;
    this.#prunedAt = at;
    this.#isBatchOpen = true;
  }

  // --- the end of a turn

  /** Commits what the turn brought, answers, and performs. If the store can't, those who asked are
   * told so, and everything is as before. */
  endTurn(now: Millis): void {
    const failure = this.#isBatchOpen ? this.#commit() : null;
    const replies = this.#replies;
    this.#replies = [];
    for (const held of replies) {
      this.#outbox.reply(
        held.connection,
        failure === null ? held.reply : this.#failed(held, failure),
      );
    }
    const changed = failure === null ? this.#roster.commit() : this.#roster.rollBack();
    for (const member of changed) this.#settle(member);
    this.#retry(now);
    if (now >= this.#pushAt) this.#push(now);
  }

  /** Returns why it failed, or null. */
  #commit(): string | null {
    const batch = this.#batch;
    this.#batch = [];
    this.#isBatchOpen = false;
    try {
      this.#log.commit();
    } catch (error) {
      this.#prunedUpTo = 0;
      return error instanceof Error ? error.message : String(error);
    }
    if (batch.length === 0) return null;
    this.#recent.add(batch);
    for (const member of this.#links.values()) this.#ready.add(member);
    return null;
  }

  /** What was asked and answered earlier is done all the same. */
  #failed({ reply, key }: HeldReply, failure: string): Reply {
    if (reply.type === "error" || this.#log.seqOfRequest(key) !== undefined) return reply;
    return { type: "error", request: reply.request, reason: `Not stored: ${failure}` };
  }

  /** Makes connections as they should be for what is kept about the member. */
  #settle(member: Member): void {
    const { record, link } = member;
    const isOnline = record?.state === "online";
    if (link !== null && !(isOnline && link.session === record.session)) {
      this.#dropLink(member, isOnline ? "replaced" : "left");
    }
    if (!isOnline) {
      member.retryAt = Infinity;
    } else if (member.dialed !== record.session) {
      member.backoff.reset();
      this.#connect(member);
    } else if (member.link === null && member.connecting === null && member.retryAt === Infinity) {
      this.#connect(member); // A batch has failed whose session would have replaced this one.
    }
  }

  #connect(member: Member): void {
    const { id, address, session } = member.record!;
    member.retryAt = Infinity;
    member.dialed = member.connecting = session;
    this.#outbox.connect(id, address, session, member.cursor);
  }

  /** Connects to those whose time has come. */
  #retry(now: Millis): void {
    if (now < this.#retryAt) return;
    this.#retryAt = Infinity;
    for (const member of this.#roster.values()) {
      if (member.retryAt <= now) this.#connect(member);
      this.#retryAt = Math.min(this.#retryAt, member.retryAt);
    }
  }

  #push(now: Millis): void {
    const source = { log: this.#log, recent: this.#recent };
    let pushedTo = 0;
    for (const { link } of this.#ready) {
      if (link === null) continue; // It was closed in the meantime.
      let page = link.next(source, this.#window);
      if (page !== null) pushedTo++;
      for (; page !== null; page = link.next(source, this.#window)) {
        this.#outbox.deliver(link.link, page);
      }
    }
    this.#ready.clear();
    this.#pushAt = now + Math.min(pushedTo * this.#pushPauseMs, PUSH_PAUSE_MAX_MS);
  }
}

/** Whether a delivery connection of this session is what the member should have. */
function isWanted({ record }: Member, session: string): boolean {
  return record?.state === "online" && record.session === session;
}

/** Each member's requests have IDs of their own. An ID has no white space in it. */
function requestKey({ id, request }: Request): string {
  return `${id} ${request}`;
}
