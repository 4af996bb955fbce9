/**
 * When a node has a new token made, and how far it has come with that.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { Random } from "../random.ts";
import type { Acceptor } from "./acceptor.ts";
import { Campaign } from "./campaign.ts";
import { MAX_EPOCH, type Promised, type RingMember, type Vote } from "./messages.ts";
import type { RingTimes } from "./ring_times.ts";

/** What a candidate says of itself. */
type Candidate = Omit<Promised, "type" | "epoch">;

/** What the candidate has to ask all others for. */
export interface Proposal {
  readonly epoch: number;
  /** To be stored first; null if it was before. */
  readonly vote: Vote | null;
  /** Who need not be asked. */
  readonly voters: readonly RingMember[];
  /** Whether it has lasted so long that a majority seems to be out of reach. */
  readonly isLong: boolean;
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
  #campaign: Campaign | null = null;
  /** Since when it campaigns, in one epoch or several; null if it doesn't. */
  #since: Millis | null = null;
  /** A new epoch must be above this. */
  #above = 0;
  #isStarted = false;

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
    return this.#campaign?.askAt ?? this.#signAt + this.#patienceMs;
  }

  /** How long a sign stays fresh; 0 or less if the last one isn't any more. */
  freshMs(now: Millis): Millis {
    return this.#signAt + this.#times.freshMs - now;
  }

  /** There is to be a token: at once, if none is known. */
  start(now: Millis): void {
    if (!this.#isStarted && this.#acceptor.highest === 0) this.#patienceMs = now - this.#signAt;
    this.#isStarted = true;
  }

  /** The token was seen, or somebody who has it. */
  sign(now: Millis): void {
    this.#signAt = now;
    this.#campaign = null;
    if (this.#since !== null) this.#patienceMs = this.#drawPatience();
    this.#since = null;
  }

  /** Somebody else is about to make one: he is given time. */
  voted(now: Millis): void {
    this.sign(now);
  }

  /** The token is dead, because of this epoch: a new one must be made, and soon. */
  challenged(epoch: number, now: Millis): void {
    this.#above = Math.max(this.#above, epoch);
    if (this.#campaign === null) this.#patienceMs = now - this.#signAt;
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
    if (waitMs > 0) {
      const soon = now + Math.max(waitMs, this.#times.campaignMinMs / 10);
      campaign.askAt = Math.min(campaign.askAt, soon);
    }
  }

  /** Takes the next step, if it is time to. Returns what to ask the others; null for nothing. */
  advance(candidate: Candidate, now: Millis): Proposal | null {
    if (now < this.deadline || this.#votes >= this.#votesNeeded) return null;
    this.#since ??= now;
    let campaign = this.#campaign;
    if (campaign === null || this.#isOutdated(campaign)) {
      const above = Math.max(this.#above, this.#acceptor.highest, campaign?.highest ?? 0);
      if (above >= MAX_EPOCH) {
        this.#patienceMs = Infinity; // No more tokens: a new ring needs new files.
        return null;
      }
      campaign = new Campaign(above + 1, candidate.last, candidate.viewNumber, now);
      this.#campaign = campaign;
    }
    campaign.askAt = now + this.#random.between(
      this.#times.campaignMinMs,
      this.#times.campaignMaxMs,
    );
    let vote: Vote | null = null;
    if (!campaign.hasVoted(this.#self)) {
      if (!this.#acceptor.mayVote(campaign.epoch, this.#self, now)) {
        campaign.askAt = Math.max(now + 1, this.#acceptor.supportsUntil);
        return null;
      }
      vote = this.#acceptor.cast(campaign.epoch, this.#self, now);
      campaign.voted(this.#self, candidate);
    }
    return this.#proposal(vote, now);
  }

  /** What the token is to be, once there are votes enough; null before. */
  result(): Campaign | null {
    return this.#votes >= this.#votesNeeded ? this.#campaign : null;
  }

  get #votes(): number {
    return this.#campaign?.votes ?? 0;
  }

  #proposal(vote: Vote | null, now: Millis): Proposal {
    const { epoch, voters } = this.#campaign!;
    const isLong = now - (this.#since ?? now) >= this.#times.quorumMs;
    return { epoch, vote, voters, isLong };
  }

  /** Somebody has voted for another candidate, or in a higher epoch: it may be that this one can't be
   * won any more. */
  #isOutdated({ epoch, highest }: Campaign): boolean {
    return highest >= epoch || this.#acceptor.highest > epoch;
  }

  #drawPatience(): Millis {
    return this.#random.between(1, 1.25) * this.#times.lossMs;
  }
}
