/**
 * Mutual exclusion by a token on a ring: a node of it.
 *
 * A logical ring with a token (Le Lann, Distributed Systems: Towards a Formal Approach, 1977) loses it
 * in a crash, and gets two of them in a partition. So here a token belongs to an epoch, which a
 * majority of all machines has voted for, and who has the token uses the lock only while it also has a
 * lease of a majority. The rules are in `acceptor.ts` and `lease.ts`.
 *
 * - Getters: `deadline`, `status`.
 * - What came: `receive`.
 * - What the user wants: `start`, `lock`, `unlock`, `leave`.
 * - Time: `tick` when the deadline is reached.
 *
 * Times are milliseconds of a clock that never goes back, one of each node's own.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { Random } from "../random.ts";
import { Acceptor } from "./acceptor.ts";
import { Calls } from "./calls.ts";
import { Election } from "./election.ts";
import { Handover } from "./handover.ts";
import { Lease } from "./lease.ts";
import { LockQueue } from "./lock_queue.ts";
import {
  fenceOf,
  GRANTS_PER_EPOCH,
  type Hello,
  type Leave,
  type Propose,
  type Refuse,
  type Renew,
  type RingMessage,
  type RingView,
  type Support,
  type Token,
  type TokenAge,
  type TokenMessage,
  type Want,
} from "./messages.ts";
import { Membership } from "./membership.ts";
import { Neighbours } from "./neighbours.ts";
import type { LockRequest, TokenRingOutbox } from "./outbox.ts";
import { Quorum } from "./quorum.ts";
import { RING_RULES, type RingRules } from "./ring_rules.ts";
import type { TokenRingOptions, TokenRingStatus } from "./ring_options.ts";
import { inRingOrder } from "./ring_view.ts";
import { RingTimes } from "./ring_times.ts";

export type { TokenRingOptions, TokenRingStatus } from "./ring_options.ts";

/** A grant in use. */
interface Holding {
  readonly request: LockRequest;
  readonly epoch: number;
  readonly fence: number;
}

/** A node. */
export class TokenRing {
  readonly #options: TokenRingOptions;
  readonly #outbox: TokenRingOutbox;
  readonly #rules: RingRules;
  readonly #times: RingTimes;
  readonly #acceptor: Acceptor;
  readonly #lease: Lease;
  readonly #election: Election;
  readonly #neighbours: Neighbours;
  readonly #membership: Membership;
  readonly #quorum: Quorum;
  readonly #calls: Calls;
  readonly #queue = new LockQueue();
  /** The latest token that was seen, here or elsewhere. An older one is not taken. */
  #last: TokenAge = { epoch: 0, sequence: 0 };
  #token: Token | null = null;
  #handover: Handover | null = null;
  #holding: Holding | null = null;
  /** Somebody has refused a token of this epoch here: it doesn't go on when it has been used. */
  #doomed = 0;
  #owner: ProcessId | null = null;
  #fence: number | null = null;
  /** The token goes on then, though nobody waits. */
  #restUntil: Millis = Infinity;
  /** All machines are told then that the token is here. */
  #renewAt: Millis = Infinity;
  #leaseAskedAt: Millis = -Infinity;
  /** When all machines were last told where the token is, by this one or, as far as it has heard, by
   * another. */
  #signedAt: Millis = -Infinity;
  /** When it goes, whoever has noticed; null if it stays. */
  #leaveBy: Millis | null = null;
  #isGone = false;

  /** A node that has said nothing yet. */
  constructor(
    options: TokenRingOptions,
    outbox: TokenRingOutbox,
    random: Random,
    now: Millis,
    rules: RingRules = RING_RULES,
  ) {
    const { self, size, leaseMs, vote, isQuarantined } = options;
    this.#options = options;
    this.#outbox = outbox;
    this.#rules = rules;
    this.#times = new RingTimes(leaseMs);
    this.#acceptor = new Acceptor(leaseMs, vote, isQuarantined, now);
    this.#lease = new Lease(leaseMs, size);
    this.#neighbours = new Neighbours(size);
    const identity = { node: self, incarnation: options.incarnation };
    this.#membership = new Membership(identity, this.#neighbours, this.#times);
    this.#quorum = new Quorum(
      this.#neighbours,
      size,
      this.#times,
      (hasQuorum, reached) => outbox.quorum(hasQuorum, reached),
    );
    this.#election = new Election(
      { self, votesNeeded: rules.votesNeeded(size), times: this.#times },
      this.#acceptor,
      random,
      now,
    );
    this.#calls = new Calls(this.#times, now);
  }

  /** When `tick` must be called next; Infinity if never. */
  get deadline(): Millis {
    if (this.#isGone) return Infinity;
    let deadline = this.#leaveBy ?? Infinity;
    if (this.#holding !== null) {
      deadline = Math.min(deadline, this.#lease.until(this.#holding.epoch));
    }
    if (this.#token !== null) {
      // It doesn't go on while somebody here needs it.
      const isFree = this.#holding === null && this.#queue.next === null;
      if (isFree) deadline = Math.min(deadline, this.#restUntil);
      return Math.min(deadline, this.#renewAt);
    }
    if (this.#handover !== null) deadline = Math.min(deadline, this.#handover.deadline);
    else if (this.#mayCampaign) deadline = Math.min(deadline, this.#election.deadline);
    if (this.#isStarted) deadline = Math.min(deadline, this.#calls.wantAt);
    return this.#membership.isMember || this.#isLeaving
      ? deadline
      : Math.min(deadline, this.#calls.helloAt);
  }

  /** What it knows. */
  get status(): TokenRingStatus {
    return {
      isStarted: this.#isStarted,
      ...this.#last,
      view: this.#membership.view,
      owner: this.#owner,
      fence: this.#holding?.fence ?? this.#fence,
      hasQuorum: this.#quorum.isReached,
      waiting: this.#queue.size,
      supportsUntil: this.#acceptor.supportsUntil,
    };
  }

  get #isLeaving(): boolean {
    return this.#leaveBy !== null;
  }

  // --- what the user wants

  /** There is to be a token. If there is one already, nothing happens. */
  start(now: Millis): void {
    this.#election.start(now);
    this.#work(now);
  }

  /** Wants the lock. The request gets it by `granted`, in its turn. */
  lock(request: LockRequest, now: Millis): void {
    this.#queue.add(request);
    this.#calls.wanted(now);
    this.#work(now);
  }

  /** Needs the lock no more: lets it go, or waits no longer. */
  unlock(request: LockRequest, now: Millis): void {
    if (this.#holding?.request === request) {
      this.#holding = null;
      this.#restUntil = now + this.#options.paceMs;
    } else {
      this.#queue.remove(request);
    }
    this.#work(now);
  }

  /** Leaves the ring; `left` is told when nobody counts on it any more, or soon after. Requests that
   * wait are forgotten, and a lock is let go: what used it must have ended. */
  leave(now: Millis): void {
    if (this.#isLeaving) return;
    this.#leaveBy = now + this.#times.leaveMs;
    this.#queue.clear();
    this.#holding = null;
    this.#lease.end();
    this.#acceptor.release();
    if (this.#token === null) {
      const { incarnation } = this.#options;
      this.#broadcast({ type: "leave", incarnation });
      if (!this.#membership.isMember && this.#handover === null) this.#go();
    }
    this.#work(now);
  }

  /** The deadline is reached. */
  tick(now: Millis): void {
    this.#work(now);
  }

  // --- what came

  /** A datagram came, which is well-formed. */
  receive(from: ProcessId, message: RingMessage, now: Millis): void {
    if (this.#isGone) return;
    this.#neighbours.heard(from, now);
    switch (message.type) {
      case "token":
        this.#receiveToken(from, message, now);
        break;
      case "ack":
        this.#neighbours.answered(from, now);
        this.#noticed(message.epoch, message.sequence, now);
        break;
      case "hello":
        this.#greeted(from, message, now);
        break;
      case "want":
        this.#receiveWant(from, message, now);
        break;
      case "leave":
        this.#receiveLeave(from, message);
        break;
      case "renew":
        this.#receiveRenew(from, message, now);
        break;
      case "support":
        this.#receiveSupport(from, message, now);
        break;
      case "propose":
        this.#receivePropose(from, message, now);
        break;
      case "promise":
        this.#neighbours.answered(from, now);
        this.#neighbours.met(from, message.incarnation, message.next);
        this.#election.promised(from, message);
        break;
      case "refuse":
        this.#receiveRefuse(message, now);
    }
    this.#work(now);
  }

  #receiveToken(from: ProcessId, { to, token }: TokenMessage, now: Millis): void {
    if (to !== this.#options.incarnation) return; // It is for a process that is no more.
    const { epoch, sequence } = token;
    if (this.#isDead(epoch)) {
      this.#refuse(from, epoch, 0);
      return;
    }
    if (isNewer(token, this.#last)) this.#own(token, now);
    // It goes on before it is acknowledged: who waits for it comes first.
    this.#work(now);
    this.#outbox.send(from, { type: "ack", epoch, sequence });
  }

  #receiveWant(from: ProcessId, { incarnation, next }: Want, now: Millis): void {
    if (this.#membership.includes(from, incarnation)) {
      this.#neighbours.met(from, incarnation, next);
      if (this.#holding !== null) this.#answer(from, now);
    } else {
      this.#greeted(from, { incarnation, next }, now);
    }
    this.#neighbours.wants(from, now + this.#times.waitingMs);
  }

  #greeted(
    from: ProcessId,
    { incarnation, next }: Pick<Hello, "incarnation" | "next">,
    now: Millis,
  ): void {
    this.#neighbours.met(from, incarnation, next);
    this.#neighbours.greeted(from);
    this.#answer(from, now);
  }

  /** Says that the token is here, and how it is used. */
  #answer(to: ProcessId, now: Millis): void {
    if (this.#token !== null) this.#outbox.send(to, this.#renewal(this.#token, false, now));
  }

  #receiveLeave(from: ProcessId, { incarnation }: Leave): void {
    this.#neighbours.left(from, incarnation);
  }

  #receiveRenew(from: ProcessId, message: Renew, now: Millis): void {
    const { epoch, sequence, view, fence, incarnation, sentAt, isLease, hasQuorum } = message;
    if (this.#isDead(epoch)) {
      this.#refuse(from, epoch, 0);
      return;
    }
    if (!isNewer(this.#last, message)) {
      this.#noticed(epoch, sequence, now);
      this.#adopt(view, epoch);
      this.#signedAt = now;
      this.#owner = from;
      this.#fence = fence;
      if (this.#token === null) this.#quorum.set(hasQuorum, now);
      if (fence !== null && !this.#queue.isEmpty) this.#outbox.busy(from, fence);
    }
    if (isLease) this.#acceptor.support(epoch, false, now);
    this.#outbox.send(from, { type: "support", epoch, incarnation, sentAt, isLease });
  }

  #receiveSupport(from: ProcessId, message: Support, now: Millis): void {
    const { epoch, incarnation, sentAt, isLease } = message;
    if (incarnation !== this.#options.incarnation || sentAt > now || this.#isLeaving) return;
    this.#neighbours.answered(from, now);
    if (isLease && epoch === this.#token?.epoch) this.#supported(from, sentAt);
    if (this.#token !== null) this.#quorum.answered(now);
  }

  #receivePropose(from: ProcessId, { epoch, incarnation, last }: Propose, now: Millis): void {
    if (incarnation === 0) return;
    // Who has seen the token later than the candidate, and not long ago, knows better.
    const freshMs = isNewer(this.#last, last) ? this.#election.freshMs(now) : 0;
    if (freshMs > 0 && epoch > this.#acceptor.highest) {
      this.#refuse(from, epoch, freshMs);
      return;
    }
    if (this.#election.keepsVote(epoch)) {
      this.#outbox.send(from, { type: "refuse", epoch, promised: epoch, waitMs: 0 });
      return;
    }
    if (!this.#acceptor.mayVote(epoch, from, now)) {
      this.#refuse(from, epoch, Math.max(0, this.#acceptor.supportsUntil - now));
      return;
    }
    if (epoch > this.#acceptor.vote.epoch) {
      this.#outbox.store(this.#acceptor.cast(epoch, from, now));
    }
    this.#election.voted(now);
    this.#dropDead(now);
    this.#outbox.send(from, {
      ...{ type: "promise", epoch, incarnation: this.#options.incarnation },
      ...{ next: this.#options.next, last: this.#last, viewNumber: this.#membership.view.number },
    });
  }

  #receiveRefuse({ epoch, promised, waitMs }: Refuse, now: Millis): void {
    this.#election.refused(epoch, promised, waitMs, now);
    if (epoch !== this.#token?.epoch && epoch !== this.#handover?.token.epoch) return;
    if (!this.#isDeadFor(epoch, promised)) return;
    // One machine is enough to stop the token, and a new one is soon made; when it isn't in use any more.
    this.#election.challenged(promised, now);
    this.#doomed = Math.max(this.#doomed, epoch);
    this.#dropDead(now);
  }

  // --- the token

  #own(token: Token, now: Millis): void {
    this.#acceptor.heard(token.epoch);
    this.#token = token;
    this.#handover = null;
    this.#last = { epoch: token.epoch, sequence: token.sequence };
    this.#owner = this.#options.self;
    this.#fence = null;
    this.#quorum.tokenCame();
    this.#restUntil = now + this.#options.paceMs;
    // However fast it goes round: who isn't told for long has a new one made.
    const signAt = Math.max(now, this.#signedAt + this.#times.renewMs);
    this.#renewAt = Math.min(now + this.#times.firstSignMs, signAt);
    this.#calls.satisfied();
    this.#election.sign(now);
    this.#adopt(token.view, token.epoch);
    for (const node of token.waiting) {
      if (node !== this.#options.self) this.#neighbours.wants(node, now + this.#times.waitingMs);
    }
    this.#queue.serveAll();
    this.#outbox.arrived(token);
  }

  /** Does everything whose time has come. */
  #work(now: Millis): void {
    if (this.#isGone) return;
    this.#endLease(now);
    if (this.#holding === null) this.#dropDead(now);
    if (this.#token !== null) this.#use(this.#token, now);
    if (this.#handover !== null) this.#pursue(this.#handover, now);
    if (this.#token === null && this.#handover === null && this.#mayCampaign) this.#campaign(now);
    this.#speak(now);
    if (this.#leaveBy !== null && now >= this.#leaveBy) this.#go();
  }

  #endLease(now: Millis): void {
    const holding = this.#holding;
    if (holding === null || now < this.#lease.until(holding.epoch)) return;
    this.#holding = null;
    this.#outbox.lost(holding.request);
  }

  /** The token is here. */
  #use(token: Token, now: Millis): void {
    if (this.#neighbours.isChanged) token = this.#change(token, now);
    if (this.#holding === null && this.#queue.next === null && !this.#doOthersWait(now)) {
      this.#queue.serveAll();
    }
    if (this.#holding === null && this.#queue.next !== null) {
      this.#grant(token, now);
      if (this.#token === null) return; // Its epoch has come to its end.
    }
    const isNeeded = this.#holding !== null || this.#queue.next !== null;
    if (
      !isNeeded && (this.#isLeaving || this.#doOthersWait(now) || now >= this.#restUntil)
    ) {
      if (!this.#isLeaving && now >= this.#renewAt) this.#renew(now, false);
      this.#pass(token, now);
      return;
    }
    if (isNeeded) this.#askForLease(now);
    if (now >= this.#renewAt) this.#renew(now, isNeeded);
    // Who is a majority of his own doesn't wait for others.
    if (this.#holding === null && this.#queue.next !== null) this.#grant(this.#token!, now);
  }

  #grant(token: Token, now: Millis): void {
    const leaseUntil = this.#lease.until(token.epoch);
    if (leaseUntil - now < this.#times.leaseNeededMs) return;
    if (token.grants >= GRANTS_PER_EPOCH - 1) {
      this.#drop();
      this.#election.challenged(token.epoch, now);
      return;
    }
    const granted = { ...token, grants: token.grants + 1 };
    const request = this.#queue.take();
    const fence = fenceOf(granted);
    this.#token = granted;
    this.#holding = { request, epoch: token.epoch, fence };
    this.#outbox.granted(request, fence, leaseUntil);
  }

  /** The next one gets it; alone, it comes back at once. */
  #pass(token: Token, now: Millis): void {
    const { view, to } = this.#membership.nextHop(token, this.#isLeaving, now);
    const sequence = token.sequence + 1;
    const next = { ...token, sequence, view, waiting: this.#waitingIn(view, now) };
    if (to === null) {
      if (this.#isLeaving) this.#go();
      else {
        this.#own(next, now);
        this.#restUntil = Math.max(this.#restUntil, now + 1); // Nobody else is to be found faster.
      }
      return;
    }
    for (const node of next.waiting) this.#neighbours.wants(node, -Infinity);
    this.#adopt(view, token.epoch);
    this.#token = null;
    this.#last = { epoch: token.epoch, sequence };
    this.#owner = to.node;
    this.#handover = new Handover(next, to, this.#times.handoverMs, now);
    this.#election.sign(now);
    this.#calls.passed(next.waiting.length > 0, !this.#queue.isEmpty, now);
    this.#outbox.send(to.node, { type: "token", to: to.incarnation, token: next });
  }

  #waitingIn(view: RingView, now: Millis): ProcessId[] {
    const { self } = this.#options;
    const waiting: ProcessId[] = [];
    for (const { node } of view.members) {
      if (node === self ? !this.#queue.isEmpty : this.#neighbours.isWaiting(node, now)) {
        waiting.push(node);
      }
    }
    return waiting;
  }

  #doOthersWait(now: Millis): boolean {
    return this.#neighbours.someWait(this.#membership.view, now);
  }

  /** Sees to it that a token on its way arrives. */
  #pursue(handover: Handover, now: Millis): void {
    if (now >= handover.endsAt) {
      this.#handover = null;
      this.#neighbours.missed(handover.to.node);
      if (this.#isLeaving) this.#go();
      else if (this.#rules.afterSilence === "skip") this.#skip(handover, now);
      else this.#election.challenged(handover.token.epoch, now);
    } else if (handover.isDue(now)) {
      const { token, to } = handover;
      this.#outbox.send(to.node, { type: "token", to: to.incarnation, token });
    }
  }

  /** What a simulated mistake does: as if who is silent could not have it. */
  #skip({ token, to }: Handover, now: Millis): void {
    const members = token.view.members.filter(({ node }) => node !== to.node);
    const view = { number: token.view.number + 1, members };
    this.#own({ ...token, view }, now);
    this.#restUntil = now;
  }

  /** Somebody knows of this token: it has arrived, and whoever had it lived. */
  #noticed(epoch: number, sequence: number, now: Millis): void {
    if (this.#isDead(epoch)) return;
    this.#quorum.tokenSeen();
    this.#acceptor.heard(epoch);
    this.#election.sign(now);
    if (this.#handover?.isDone(epoch, sequence)) {
      this.#handover = null;
      if (this.#isLeaving) this.#go();
    }
    if (isNewer({ epoch, sequence }, this.#last)) this.#last = { epoch, sequence };
    this.#dropDead(now);
  }

  #isDead(epoch: number): boolean {
    return this.#isDeadFor(epoch, this.#acceptor.highest);
  }

  #isDeadFor(epoch: number, highest: number): boolean {
    return this.#rules.isDead(epoch, highest);
  }

  /** Where there is a higher epoch, our token is none; its lease lasts on, while it is in use. */
  #dropDead(now: Millis): void {
    const epoch = this.#token?.epoch ?? this.#handover?.token.epoch;
    if (epoch === undefined || (!this.#isDead(epoch) && epoch > this.#doomed)) return;
    if (this.#holding !== null && now < this.#lease.until(this.#holding.epoch)) return;
    this.#drop();
    if (epoch <= this.#doomed) this.#election.challenged(epoch, now);
  }

  #drop(): void {
    this.#token = null;
    this.#handover = null;
    this.#owner = null;
    if (!this.#queue.isEmpty) this.#calls.lost();
  }

  // --- the lease

  #askForLease(now: Millis): void {
    const { epoch } = this.#token!;
    const leftMs = this.#lease.until(epoch) - now;
    const pauseMs = leftMs > this.#times.leaseNeededMs * 2
      ? this.#times.renewMs
      : this.#times.askAgainMs;
    this.#renewAt = Math.min(this.#renewAt, Math.max(now, this.#leaseAskedAt + pauseMs));
  }

  /** Tells all machines that the token is here, and asks for their support if there is need. */
  #renew(now: Millis, isLease: boolean): void {
    const token = this.#token!;
    this.#quorum.told(now);
    this.#renewAt = now + this.#times.renewMs;
    this.#signedAt = now;
    this.#broadcast(this.#renewal(token, isLease, now));
    if (!isLease) return;
    this.#leaseAskedAt = now;
    if (this.#isDead(token.epoch)) return; // In use while it lasts, but not prolonged.
    this.#acceptor.support(token.epoch, true, now);
    this.#supported(this.#options.self, now);
    this.#askForLease(now);
  }

  #renewal(token: Token, isLease: boolean, now: Millis): Renew {
    const { epoch, sequence, view } = token;
    return {
      ...{ type: "renew", epoch, sequence, view },
      ...{ incarnation: this.#options.incarnation, sentAt: now, isLease },
      ...{ fence: this.#holding?.fence ?? null, hasQuorum: this.#quorum.isReached !== false },
    };
  }

  #supported(node: ProcessId, sentAt: Millis): void {
    const { epoch } = this.#token!;
    const isLonger = this.#lease.supported(epoch, node, sentAt);
    if (isLonger && this.#holding?.epoch === epoch) {
      this.#outbox.extended(this.#holding.request, this.#lease.until(epoch));
    }
  }

  // --- a new token

  get #isStarted(): boolean {
    return this.#election.isStarted || this.#acceptor.highest > 0;
  }

  get #mayCampaign(): boolean {
    return this.#isStarted && !this.#isLeaving && this.#holding === null;
  }

  #campaign(now: Millis): void {
    const { self, incarnation } = this.#options;
    const proposal = this.#election.advance(
      this.#last,
      this.#membership.view.number,
      this.#quorum.isHeard(now),
      now,
    );
    if (proposal !== null) {
      const { epoch, voters } = proposal;
      for (let node = 0; node < this.#options.size; node++) {
        if (node === self || voters.some((voter) => voter.node === node)) continue;
        this.#outbox.send(node, { type: "propose", epoch, incarnation, last: this.#last });
      }
      this.#quorum.asked(now);
    }
    this.#elected(now);
  }

  /** Makes the token, if there are votes enough. */
  #elected(now: Millis): void {
    const { self, incarnation, next } = this.#options;
    const result = this.#election.result(now);
    if (result === null) return;
    this.#outbox.store(result.vote);
    const { epoch, sequence, viewNumber, voters } = result.campaign;
    const members = inRingOrder([...voters, { node: self, incarnation, next }]);
    const waiting = voters.map(({ node }) => node).filter((node) =>
      this.#neighbours.isWaiting(node, now)
    );
    const view = { number: viewNumber + 1, members };
    this.#own({ epoch, sequence: sequence + 1, grants: 0, view, waiting }, now);
    this.#quorum.set(true, now);
    this.#renewAt = now;
    this.#use(this.#token!, now);
  }

  // --- membership

  /** Who has the token takes in who comes, and leaves out who goes. */
  #change(token: Token, now: Millis): Token {
    this.#neighbours.isChanged = false;
    const view = this.#membership.next(token, this.#isLeaving, now);
    if (view === token.view) return token;
    this.#adopt(view, token.epoch);
    this.#renewAt = now;
    return this.#token = { ...token, view };
  }

  #adopt(view: RingView, epoch: number): void {
    if (!this.#membership.adopt(view, epoch)) return;
    this.#outbox.viewed(view);
    if (this.#isLeaving && !this.#membership.isMember && this.#token === null) this.#go();
  }

  /** Says what is to be said again and again until it is heard. */
  #speak(now: Millis): void {
    if (this.#token !== null || this.#isGone) return;
    const { incarnation, next } = this.#options;
    if (this.#queue.isEmpty) this.#calls.satisfied();
    else if (now >= this.#calls.wantAt && this.#isStarted) {
      this.#calls.saidWant(now);
      this.#broadcast({ type: "want", incarnation, next });
    }
    if (now < this.#calls.helloAt || this.#membership.isMember || this.#isLeaving) return;
    this.#calls.saidHello(now);
    this.#broadcast({ type: "hello", incarnation, next });
  }

  #broadcast(message: RingMessage): void {
    const { self, size } = this.#options;
    for (let node = 0; node < size; node++) if (node !== self) this.#outbox.send(node, message);
  }

  #refuse(to: ProcessId, epoch: number, waitMs: Millis): void {
    const { highest: promised } = this.#acceptor;
    this.#outbox.send(to, { type: "refuse", epoch, promised, waitMs });
  }

  #go(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#token = null;
    this.#handover = null;
    this.#outbox.left();
  }
}

/** Whether one is a later state of the token than the other. */
function isNewer(one: TokenAge, other: TokenAge): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
}
