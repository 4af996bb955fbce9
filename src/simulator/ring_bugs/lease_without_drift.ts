/**
 * ```text
 * right:  a lease is counted two hundredths shorter than the support that it rests on
 * here:   it is counted as long
 * ```
 *
 * @module
 */

import type { Millis } from "../../protocols/process.ts";
import { MAX_DRIFT } from "../../protocols/token_ring/lease.ts";
import type { LockRequest, TokenRingOutbox } from "../../protocols/token_ring/outbox.ts";
import { makeRealRing, type RingNode } from "../ring_options.ts";
import { ChangedRing, type RingBug } from "./ring_bug.ts";

/** Tells of longer leases, and of their ends later. */
class TrustingOutbox {
  readonly #outbox: TokenRingOutbox;
  readonly #moreMs: Millis;
  /** A lease that is over for the real protocol. */
  over: { readonly request: LockRequest; readonly until: Millis } | null = null;
  #until: Millis = -Infinity;

  constructor(outbox: TokenRingOutbox, leaseMs: Millis) {
    this.#outbox = outbox;
    this.#moreMs = leaseMs * 2 * MAX_DRIFT;
  }

  /** What the real protocol is given. */
  get outbox(): TokenRingOutbox {
    const outbox = this.#outbox;
    const longer = (until: Millis) => this.#until = until + this.#moreMs;
    return {
      ...outbox,
      granted: (request, fence, until) => outbox.granted(request, fence, longer(until)),
      extended: (request, until) => outbox.extended(request, longer(until)),
      lost: (request) => this.over = { request, until: this.#until },
    };
  }

  /** Tells of the end of a lease, if it is time to. */
  tell(now: Millis): void {
    if (this.over === null || now < this.over.until) return;
    const { request } = this.over;
    this.over = null;
    this.#outbox.lost(request);
  }
}

/** Trusts all clocks. */
class TrustingRing extends ChangedRing {
  readonly #trusting: TrustingOutbox;

  constructor(
    options: ConstructorParameters<typeof ChangedRing>[0],
    ring: RingNode,
    trusting: TrustingOutbox,
  ) {
    super(options, ring);
    this.#trusting = trusting;
  }

  override get deadline(): Millis {
    return Math.min(super.deadline, this.#trusting.over?.until ?? Infinity);
  }

  override tick(now: Millis): void {
    super.tick(now);
    this.#trusting.tell(now);
  }
}

/** All clocks go alike. */
export const leaseWithoutDrift: RingBug = {
  name: "lease-without-drift",
  explanation:
    "a lease is counted as long as the support that it rests on, so that it outlasts it where the " +
    "holder's clock is slower than the others",
  caughtBy: "exclusion",
  makeRing: (options, outbox, ...world) => {
    const trusting = new TrustingOutbox(outbox, options.leaseMs);
    return new TrustingRing(options, makeRealRing(options, trusting.outbox, ...world), trusting);
  },
};
