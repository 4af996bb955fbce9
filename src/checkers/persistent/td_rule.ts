/**
 * The td rule, read once more, from the outside and without regard to speed: for each message and
 * each member, whether the member must get it, may get it, or must not.
 *
 * A member that disconnected is offline from then on. One that just stopped is offline since its last
 * sign of life; but the observer can't always tell since when the coordinator could know that, so
 * there are two readings: since the last sign of life that came, or since a later moment at which it
 * may still have counted as alive. What both promise is promised, and what both forbid is forbidden.
 *
 * @module
 */

import type {
  MemberNumber,
  MembershipChange,
  PersistentEvent,
  PersistentHistory,
  Stored,
} from "../../history/persistent_history.ts";
import type { PersistentViolation } from "./verdict.ts";

type Right = "must" | "may" | "never";

/** What the rule says at one moment about one member. */
class Membership {
  readonly #tdMs: number;
  readonly #silenceMs: number;
  readonly #stored: ReadonlyMap<number, Stored>;
  readonly #logged = new Set<number>();
  /** Messages above this number are its own; null if it is no member. */
  #from: number | null = null;
  /** The last message of its time as a member, once that is over. */
  #until = Infinity;
  /** Where the rule has taken something away. */
  #rights = new Map<number, Right>();
  #session = "";
  isOnline = false;
  /** The earliest and the latest moment since when it may count as offline. */
  #earliest = 0;
  #latest = 0;

  constructor({ tdMs, silenceMs }: PersistentHistory, stored: ReadonlyMap<number, Stored>) {
    this.#tdMs = tdMs;
    this.#silenceMs = silenceMs;
    this.#stored = stored;
  }

  /** What it may say of a message. */
  right(seq: number): Right {
    if (this.#from === null || seq <= this.#from || seq > this.#until) return "never";
    return this.#rights.get(seq) ?? "must";
  }

  has(seq: number): boolean {
    return this.#logged.has(seq);
  }

  /** Takes in what happened to it, or to the coordinator. */
  observe(event: PersistentEvent): void {
    switch (event.event) {
      case "register":
        this.#from = event.lastSeq;
        this.#until = Infinity;
        this.#rights = new Map();
        return this.#begin(event);
      case "reconnect":
        this.#return(event);
        return this.#begin(event);
      case "disconnect":
        this.isOnline = false;
        this.#earliest = this.#latest = event.at;
        return;
      case "deregister":
        this.isOnline = false;
        this.#until = event.lastSeq;
        return;
      case "alive":
        if (!this.isOnline || event.session !== this.#session) return;
        this.#earliest = this.#latest = event.at;
        return;
      case "restart":
        // It was online as far as the coordinator knew, which may not have known of its death yet. And
        // a clock that was set back shows that much less time since the last sign of life.
        if (this.isOnline) {
          this.#latest = event.at;
          this.#earliest = Math.min(this.#earliest, event.at);
        }
        return;
      case "logged":
        this.#logged.add(event.seq);
        return;
    }
  }

  #begin({ request, at }: MembershipChange): void {
    this.isOnline = true;
    this.#session = request;
    this.#earliest = this.#latest = at;
  }

  /** It was away, and comes back. */
  #return({ at, lastSeq }: MembershipChange): void {
    const isMaybeAlive = this.isOnline && at - this.#latest <= this.#silenceMs;
    const longest = at - this.#earliest;
    const shortest = isMaybeAlive ? 0 : at - this.#latest;
    if (longest <= this.#tdMs) return;
    const right = shortest > this.#tdMs ? "never" : "may";
    for (let seq = this.#from! + 1; seq <= lastSeq; seq++) {
      const isOld = this.#stored.get(seq)!.at < at - this.#tdMs;
      if (isOld && !this.#logged.has(seq) && this.#rights.get(seq) !== "never") {
        this.#rights.set(seq, right);
      }
    }
  }
}

/** Checks that nobody gets what is forbidden, and that everybody who is online in the end has what is
 * promised. */
export function checkTdRule(
  history: PersistentHistory,
  stored: ReadonlyMap<number, Stored>,
): PersistentViolation[] {
  const { events, members } = history;
  const memberships = members.map(() => new Membership(history, stored));
  let forbidden: PersistentViolation | null = null;
  for (const event of events) {
    if (event.event === "restart") {
      for (const membership of memberships) membership.observe(event);
    } else if (event.event === "taken") {
      const isForbidden = memberships[event.member]!.right(event.seq) === "never";
      if (isForbidden) forbidden ??= tellForbidden(history, event.member, event.seq);
    } else if ("member" in event) {
      memberships[event.member]!.observe(event);
    }
  }
  const missing = history.isSettled ? findMissing(history, memberships, stored.size) : null;
  return [forbidden, missing].filter((violation) => violation !== null);
}

function findMissing(
  history: PersistentHistory,
  memberships: readonly Membership[],
  lastSeq: number,
): PersistentViolation | null {
  for (const [member, membership] of memberships.entries()) {
    if (!membership.isOnline) continue;
    for (let seq = 1; seq <= lastSeq; seq++) {
      if (membership.right(seq) !== "must" || membership.has(seq)) continue;
      return {
        property: "promised",
        witness: `${history.members[member]} is online and never got message ${seq}`,
      };
    }
  }
  return null;
}

function tellForbidden(
  { members }: PersistentHistory,
  member: MemberNumber,
  seq: number,
): PersistentViolation {
  return {
    property: "forbidden",
    witness: `${members[member]} got message ${seq}, which is not for it`,
  };
}
