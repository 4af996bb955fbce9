/**
 * Who may ask what of the coordinator, and what it makes of a member.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import {
  type Address,
  MAX_MEMBERS,
  type ReconnectRequest,
  type RegisterRequest,
  type Request,
  type Standing,
} from "./messages.ts";
import type { MessageLog } from "./message_log.ts";
import type { Member, Roster } from "./roster.ts";
import type { cursorAfterReturn } from "./td_rule.ts";

/** Participants give a sign of life each second. One that has been silent for so long may be dead:
 * then another process may take its place without being told to. */
export const SILENCE_MS: Millis = 3000;

/** Why a request is refused. */
export interface Refusal {
  readonly reason: string;
  readonly standing?: Standing;
}

/** A request for a change of the membership. */
export type MembershipRequest = Exclude<Request, { readonly type: "msend" }>;

/** What the rules need to know. */
interface RuleOptions {
  readonly tdMs: Millis;
  readonly log: MessageLog;
}

/** The rules. */
export class MembershipRules {
  readonly #tdMs: Millis;
  readonly #log: MessageLog;
  readonly #roster: Roster;
  readonly #cursorAfterReturn: typeof cursorAfterReturn;

  constructor({ tdMs, log }: RuleOptions, roster: Roster, rule: typeof cursorAfterReturn) {
    this.#tdMs = Math.floor(tdMs);
    this.#log = log;
    this.#roster = roster;
    this.#cursorAfterReturn = rule;
  }

  /** Returns why a request can't be granted, or null. */
  refuse(request: Request, now: Millis): Refusal | null {
    const { type, id } = request;
    const member = this.#roster.get(id);
    const record = member?.record ?? null;
    if (type === "register" && record === null) return this.#refuseNewcomer();
    if (member === undefined || record === null) {
      return { reason: `${id} is not registered: register first`, standing: "unknown" };
    }
    if (type === "register" || type === "reconnect") return refusePlace(member, request, now);
    if (request.session !== undefined && request.session !== record.session) {
      return { reason: `Another process has taken the place of ${id}`, standing: "replaced" };
    }
    if (type !== "msend" && request.session === undefined && isAlive(member, now)) {
      return refuseStranger(member, type);
    }
    if (type === "deregister" || record.state === "online") return null;
    const reason = type === "msend"
      ? `${id} is offline: reconnect first`
      : `${id} is offline already`;
    return { reason, standing: "offline" };
  }

  #refuseNewcomer(): Refusal | null {
    if (this.#roster.size < MAX_MEMBERS) return null;
    return { reason: `There are ${MAX_MEMBERS} members already, and no more are possible` };
  }

  /** Grants a request. Returns the number to answer with. */
  apply(request: MembershipRequest, now: Millis): number {
    switch (request.type) {
      case "register":
        return this.#begin(request, this.#log.lastSeq, now);
      case "reconnect":
        return this.#begin(request, this.#cursorOf(this.#roster.get(request.id)!, now), now);
      case "disconnect": {
        const member = this.#roster.get(request.id)!;
        this.#roster.save(member, { state: "offline", offlineSince: now });
        return this.#log.lastSeq;
      }
      case "deregister":
        this.#roster.remove(this.#roster.get(request.id)!);
        return this.#log.lastSeq;
    }
  }

  /** Begins a session in which messages above `cursor` will come. */
  #begin(request: RegisterRequest | ReconnectRequest, cursor: number, now: Millis): number {
    const { id, address, request: session } = request;
    this.#roster.begin(
      { id, address, state: "online", session, cursor, offlineSince: null },
      now,
    );
    return cursor;
  }

  #cursorOf(member: Member, arrival: Millis): number {
    const { cursor } = member;
    const since = offlineSince(member, arrival);
    return this.#cursorAfterReturn({ cursor, since, arrival, tdMs: this.#tdMs }, this.#log);
  }
}

/** A process may have only one place, and only one process may have it. */
function refusePlace(
  member: Member,
  { id, address, takeOver }: RegisterRequest | ReconnectRequest,
  now: Millis,
): Refusal | null {
  const { address: other } = member.record!;
  if (takeOver || !isAlive(member, now) || isSame(address, other)) return null;
  return { reason: `${id} is online at ${format(other)} already`, standing: "online" };
}

/** Who names no session may be a process from before, and must not end that of a living one. */
function refuseStranger({ id, record }: Member, type: "disconnect" | "deregister"): Refusal {
  const { address } = record!;
  return {
    reason: `${id} is online at ${format(address)}: only the process there can ${type} it`,
    standing: "online",
  };
}

/** Since when a member counts as offline. Who seems to be alive has been online until now; who has
 * died was online until the last sign of life. */
function offlineSince(member: Member, now: Millis): Millis {
  const { state, offlineSince } = member.record!;
  if (state === "offline") return offlineSince!;
  return isAlive(member, now) ? now : member.lostSince ?? member.aliveAt;
}

/** Whether its process seems to be alive and at its port. */
function isAlive({ record, aliveAt, lostSince }: Member, now: Millis): boolean {
  return record!.state === "online" && lostSince === null && now - aliveAt <= SILENCE_MS;
}

function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}

function format({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
