/**
 * When a node has a new token made, and how far it has come with that.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { Random } from "../random.ts";
import type { Acceptor } from "./acceptor.ts";
import { Campaign } from "./campaign.ts";
import { MAX_EPOCH, type Promised, type RingMember, type TokenAge, type Vote } from "./messages.ts";
import type { RingTimes } from "./ring_times.ts";

/** What the candidate has to ask all others for. */
export interface Proposal {
  readonly epoch: number;
  /** Who need not be asked. */
  readonly voters: readonly RingMember[];
}

/** A campaign that was won, with the candidate's own vote. */
export interface Victory {
  readonly campaign: Campaign;
  /** To be stored first. */
  readonly vote: Vote;
}

/** Signs of the token, and campaigns where there are none. */
export class Election {
  readonly #self: ProcessId;
  readonly #votesNeeded: number;
  readonly #times: RingTimes;
  readonly #acceptor: Acceptor;
  readonly #random: Random;
  /** When the last sign was seen. */
  #signAt: Millis;
  /** How long to wait for the next one. Others wait for another time, so that not all become
   * candidates at once. */
  #patienceMs: Millis;
  /** Whether that was shortened: until the next sign. */
  #isHasty = false;
  #campaign: Campaign | null = null;
  /** When it asks once more whether a majority answers at all; null if it doesn't. */
  #probeAt: Millis | null = null;
  /** A new epoch must be above this. */
  #above = 0;
  #isStarted = false;
  /** Whether there was a token in the lifetime of this process. */
  #hasSeenSign = false;

  constructor(
    options: {
      readonly self: ProcessId;
      readonly votesNeeded: number;
      readonly times: RingTimes;
    },
    acceptor: Acceptor,
    random: Random,
    now: Millis,
  ) {
    this.#self = options.self;
    this.#votesNeeded = options.votesNeeded;
    this.#times = options.times;
    this.#acceptor = acceptor;
    this.#random = random;
    this.#signAt = now;
    this.#patienceMs = this.#drawPatience();
  }

  /** Whether somebody here has asked for a token. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** When `advance` has something to do. */
  get deadline(): Millis {
    return this.#campaign?.askAt ?? this.#probeAt ?? this.#signAt + this.#patienceMs;
  }

  /** How long a sign stays fresh; 0 or less if the last one isn't any more. */
  freshMs(now: Millis): Millis {
    return this.#signAt + this.#times.freshMs - now;
  }

  /** Whether its own vote in this epoch is kept for itself. */
  keepsVote(epoch: number): boolean {
    return this.#campaign?.epoch === epoch && this.#campaign.hasAsked;
  }

  /** There is to be a token: at once, if none is known. */
  start(now: Millis): void {
    // Where others know better, they say so, and nothing is lost.
    if (!this.#isStarted && !this.#hasSeenSign) this.#hasten(0, now);
    this.#isStarted = true;
  }

  /** The token was seen, or somebody who has it. */
  sign(now: Millis): void {
    this.#signAt = now;
    this.#hasSeenSign = true;
    this.#campaign = null;
    this.#probeAt = null;
    if (!this.#isHasty) return;
    this.#isHasty = false;
    this.#patienceMs = this.#drawPatience();
  }

  /** Somebody else is about to make one: he is given time, and has less than a token would have. */
  voted(now: Millis): void {
    this.#signAt = now;
    this.#campaign = null;
    this.#probeAt = null;
    this.#hasten(this.#random.between(1, 2) * this.#times.campaignMaxMs, now);
  }

  /** The token is dead, because of this epoch: a new one must be made, and soon. */
  challenged(epoch: number, now: Millis): void {
    this.#above = Math.max(this.#above, epoch);
    if (this.#campaign === null) this.#hasten(0, now);
  }

  /** A node has voted for us. */
  promised(from: ProcessId, message: Promised): void {
    if (message.epoch === this.#campaign?.epoch) this.#campaign.voted(from, message);
  }

  /** A node hasn't. */
  refused(epoch: number, promised: number, waitMs: Millis, now: Millis): void {
    const campaign = this.#campaign;
    if (epoch !== campaign?.epoch) return;
    campaign.highest = Math.max(campaign.highest, promised);
    if (waitMs > 0) campaign.askAt = Math.min(campaign.askAt, this.#soonAfter(now + waitMs));
  }

  /** Takes the next step, if it is time to. Returns what to ask the others; null for nothing.
   *
   * @param isHeard Whether a majority of the machines answers. */
  advance(
    last: TokenAge,
    viewNumber: number,
    isHeard: boolean,
    now: Millis,
  ): Proposal | null {
    const isAnswered = this.#probeAt !== null && isHeard;
    if (!isAnswered && now < this.deadline) return null;
    this.#isHasty = true;
    let campaign = this.#campaign;
    if (campaign === null || this.#isOutdated(campaign)) {
      this.#above = Math.max(
        ...[this.#above, this.#acceptor.highest],
        ...[campaign?.epoch ?? 0, campaign?.highest ?? 0],
      );
      if (!isHeard && this.#above > 0) return this.#probe(this.#above, now);
      this.#probeAt = null;
      if (this.#above >= MAX_EPOCH) {
        this.#patienceMs = Infinity; // No more tokens: a new ring needs new files.
        return null;
      }
      campaign = new Campaign(this.#above + 1, last, viewNumber, now);
      this.#campaign = campaign;
    }
    campaign.askAt = now + this.#pauseMs();
    if (!this.#acceptor.mayVote(campaign.epoch, this.#self, now)) {
      campaign.askAt = this.#soonAfter(Math.max(now, this.#acceptor.supportsUntil));
      return null;
    }
    campaign.hasAsked = true;
    return { epoch: campaign.epoch, voters: campaign.voters };
  }

  /**
   * What the token is to be, once there are votes enough; null before.
   *
   * The candidate votes last, when its vote decides: one that nobody hears would otherwise refuse the
   * token that the others have (the disruptive servers of Ongaro, Consensus: Bridging Theory and
   * Practice, 2014, section 9.6).
   */
  result(now: Millis): Victory | null {
    const campaign = this.#campaign;
    if (campaign === null || campaign.votes + 1 < this.#votesNeeded) return null;
    const { epoch } = campaign;
    // However many others have voted: what it has stored keeps it from making this epoch's token once
    // more after a restart.
    if (!this.#acceptor.mayVote(epoch, this.#self, now)) return null;
    return { campaign, vote: this.#acceptor.cast(epoch, this.#self, now) };
  }

  /** Somebody has voted for another candidate, or in a higher epoch: it may be that this one can't be
   * won any more. */
  #isOutdated({ epoch, highest }: Campaign): boolean {
    return highest >= epoch || this.#acceptor.highest > epoch;
  }

  /** Without a sign, campaigns after so long from now. */
  #hasten(waitMs: Millis, now: Millis): void {
    this.#patienceMs = now + waitMs - this.#signAt;
    this.#isHasty = true;
  }

  /** The support of a lost token ends everywhere at about the same time. Candidates who all asked just then
   * would divide the votes, and the next time again: so each waits a little longer than it has to. */
  #soonAfter(at: Millis): Millis {
    return at + this.#random.between(0.05, 1) * this.#times.campaignMinMs;
  }

  /** Nothing can be won yet. Asking for an epoch that is gone finds out when that changes, and uses up
   * none. */
  #probe(epoch: number, now: Millis): Proposal {
    this.#campaign = null;
    this.#probeAt = now + this.#pauseMs();
    return { epoch, voters: [] };
  }

  #pauseMs(): Millis {
    const { campaignMinMs, campaignMaxMs } = this.#times;
    return this.#random.between(campaignMinMs, campaignMaxMs);
  }

  #drawPatience(): Millis {
    return this.#random.between(1, 1.25) * this.#times.lossMs;
  }
}
