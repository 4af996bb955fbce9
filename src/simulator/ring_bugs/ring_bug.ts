/**
 * What a deliberate mistake in a token ring is.
 *
 * @module
 */

import type { Millis, ProcessId } from "../../protocols/process.ts";
import type { RingMessage, Token } from "../../protocols/token_ring/messages.ts";
import type { LockRequest } from "../../protocols/token_ring/outbox.ts";
import { RING_RULES, type RingRules } from "../../protocols/token_ring/ring_rules.ts";
import {
  TokenRing,
  type TokenRingOptions,
  type TokenRingStatus,
} from "../../protocols/token_ring/token_ring.ts";
import type { RingMaker, RingNode } from "../ring_options.ts";

/** A small variation of the real protocol that is wrong. */
export interface RingBug {
  /** What it is called on the command line. */
  readonly name: string;
  /** One sentence without a full stop: what the mistake is, and what goes wrong. */
  readonly explanation: string;
  /** The property that it violates, or `liveness`. */
  readonly caughtBy: string;
  /** Makes nodes that make the mistake. */
  readonly makeRing: RingMaker;
}

/** The real protocol by other rules. */
export function withRules(rules: Partial<RingRules>): RingMaker {
  return (options, outbox, random, now) =>
    new TokenRing(options, outbox, random, now, { ...RING_RULES, ...rules });
}

/** The real protocol, with something between it and the world. */
export class ChangedRing implements RingNode {
  protected readonly options: TokenRingOptions;
  readonly #ring: RingNode;

  constructor(options: TokenRingOptions, ring: RingNode) {
    this.options = options;
    this.#ring = ring;
  }

  /** As in the real protocol. */
  get deadline(): Millis {
    return this.#ring.deadline;
  }

  /** As in the real protocol. */
  get status(): TokenRingStatus {
    return this.#ring.status;
  }

  /** As in the real protocol. */
  start(now: Millis): void {
    this.#ring.start(now);
  }

  /** As in the real protocol. */
  lock(request: LockRequest, now: Millis): void {
    this.#ring.lock(request, now);
  }

  /** As in the real protocol. */
  unlock(request: LockRequest, now: Millis): void {
    this.#ring.unlock(request, now);
  }

  /** As in the real protocol. */
  leave(now: Millis): void {
    this.#ring.leave(now);
  }

  /** As in the real protocol. */
  receive(from: ProcessId, message: RingMessage, now: Millis): void {
    this.#ring.receive(from, message, now);
  }

  /** As in the real protocol. */
  tick(now: Millis): void {
    this.#ring.tick(now);
  }

  /** Makes the node believe that this token has come. */
  protected forge(token: Pick<Token, "epoch" | "sequence">, now: Millis): void {
    const { self, size, incarnation: to, next } = this.options;
    const { view } = this.status;
    const members = view.members.length > 0
      ? view.members
      : [{ node: self, incarnation: to, next }];
    const forged = {
      ...{ ...token, grants: 0, waiting: [] },
      view: { number: Math.max(1, view.number), members },
    };
    this.#ring.receive((self + 1) % size, { type: "token", to, token: forged }, now);
  }
}
