/**
 * The members, and what a batch has changed about them: it stays if the batch becomes durable, and
 * is undone if it doesn't.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import { Backoff } from "./backoff.ts";
import type { DeliveryLink } from "./delivery_link.ts";
import type { MemberId } from "./messages.ts";
import type { MemberRecord, MessageLog } from "./message_log.ts";

/** What the session of a member has come to. */
interface Progress {
  /** It needs nothing up to this number. Never below that in the record. */
  cursor: number;
  /** Its last sign of life. */
  aliveAt: Millis;
  /** Since when its process seems to be dead; null while it seems to be alive. Only while it is
   * online. The record has it too, unless the store has failed in the meantime. */
  lostSince: Millis | null;
}

/** A member, or one that has just been. */
export class Member implements Progress {
  readonly id: MemberId;
  /** As it is kept in the store, the open batch included; null if it is no member. */
  record: MemberRecord | null;
  cursor: number;
  aliveAt: Millis;
  lostSince: Millis | null;
  /** Whether it has given a sign of life since the coordinator's start. */
  isHeard = false;
  /** Its delivery connection. */
  link: DeliveryLink | null = null;
  /** The session for which an attempt to connect is under way. */
  connecting: string | null = null;
  /** The session for which the last attempt was made. */
  dialed: string | null = null;
  /** When to try again to connect. */
  retryAt: Millis = Infinity;
  readonly backoff = new Backoff();

  constructor(id: MemberId, record: MemberRecord | null, now: Millis) {
    this.id = id;
    this.record = record;
    this.cursor = record?.cursor ?? 0;
    this.aliveAt = now;
    this.lostSince = record?.state === "online" ? record.offlineSince : null;
  }
}

/** What is undone if a batch fails. */
interface Before {
  readonly record: MemberRecord | null;
  /** Null if the batch has begun no session. */
  progress: Progress | null;
}

/** All members, by their IDs. */
export class Roster {
  readonly #log: MessageLog;
  readonly #members = new Map<MemberId, Member>();
  /** What those that the open batch has changed were before it. */
  readonly #before = new Map<Member, Before>();
  #size = 0;

  constructor(log: MessageLog, now: Millis) {
    this.#log = log;
    for (const record of log.members()) {
      this.#members.set(record.id, new Member(record.id, record, now));
      this.#size++;
    }
  }

  /** How many are members, the open batch included. */
  get size(): number {
    return this.#size;
  }

  /** Who is known; a member whose record is null is none. */
  values(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** Finds a member. */
  get(id: MemberId): Member | undefined {
    return this.#members.get(id);
  }

  /** Begins a session of a member, which may be a new one, with a sign of life. */
  begin(record: MemberRecord, now: Millis): void {
    const member = this.#members.get(record.id) ?? new Member(record.id, null, now);
    this.#members.set(record.id, member);
    const before = this.#keep(member);
    const { cursor, aliveAt, lostSince } = member;
    before.progress ??= { cursor, aliveAt, lostSince };
    if (member.record === null) this.#size++;
    member.record = record;
    member.cursor = record.cursor;
    member.aliveAt = now;
    member.lostSince = null;
    this.#log.saveMember(record);
  }

  /** Changes what is kept about a member. How far it has come is kept too. */
  save(member: Member, change: Partial<MemberRecord>): void {
    this.#keep(member);
    member.record = { ...member.record!, cursor: member.cursor, ...change };
    this.#log.saveMember(member.record);
  }

  /** Forgets a member. */
  remove(member: Member): void {
    this.#keep(member);
    this.#size--;
    member.record = null;
    this.#log.removeMember(member.id);
  }

  /** The batch is durable. Returns those it has changed; who is no member any more is forgotten. */
  commit(): Member[] {
    const changed = [...this.#before.keys()];
    this.#before.clear();
    for (const { id, record } of changed) if (record === null) this.#members.delete(id);
    return changed;
  }

  /** The batch has failed. Returns those it had changed. Signs of life have been given all the same. */
  rollBack(): Member[] {
    for (const [member, { record, progress }] of this.#before) {
      this.#size += Number(record !== null) - Number(member.record !== null);
      member.record = record;
      if (progress !== null) Object.assign(member, progress);
    }
    return this.commit();
  }

  #keep(member: Member): Before {
    const known = this.#before.get(member);
    if (known !== undefined) return known;
    const before = { record: member.record, progress: null };
    this.#before.set(member, before);
    return before;
  }
}
