/**
 * What tells settings of a gossip network apart (Demers et al. 1987, section 1.4): how many a rumor
 * misses, what it costs, how long it takes.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { NodeName, Receipt } from "./messages.ts";

/** What became of one rumor of a node's own. */
export interface RumorMeasure {
  /** How many others were up when it was said. */
  readonly others: number;
  /** How many of them have it. */
  readonly reached: number;
  /** How many of them have it by anti-entropy alone, or not yet: the residue is this, of all. */
  readonly missed: number;
  /** When the last receipt came, since it was said; null if none has. An upper bound: the receipt took
   * its time too. */
  readonly lastMs: Millis | null;
  /** The most hops that it took to anybody; 0 if nobody has it. */
  readonly lastHops: number;
}

/** What a node counts. */
export interface GossipCounts {
  /** Rumors sent to somebody, known there or not. */
  rumorsSent: number;
  /** Rumors that came as rumors though they were known. */
  duplicates: number;
  /** Rumors that came first by anti-entropy. */
  supplied: number;
  /** Messages of all kinds. */
  messagesSent: number;
}

interface Tracked {
  readonly saidAt: Millis;
  readonly others: ReadonlySet<NodeName>;
  readonly byRumor: Set<NodeName>;
  readonly bySupply: Set<NodeName>;
  lastMs: Millis | null;
  lastHops: number;
}

/** So many of a node's own rumors are followed, the latest. */
const MAX_TRACKED = 100;

/** Follows a node's own rumors. */
export class RumorTracker {
  /** By number, the latest at the end. */
  readonly #tracked = new Map<number, Tracked>();

  /** This one was said while these were up. */
  said(seq: number, others: Iterable<NodeName>, now: Millis): void {
    this.#tracked.set(seq, {
      ...{ saidAt: now, others: new Set(others), lastMs: null, lastHops: 0 },
      ...{ byRumor: new Set(), bySupply: new Set() },
    });
    if (this.#tracked.size > MAX_TRACKED) this.#tracked.delete(this.#tracked.keys().next().value!);
  }

  /** Somebody has it now. Who came later doesn't count. */
  received(from: NodeName, { rumor, hops, isByRumor }: Receipt, now: Millis): void {
    const tracked = this.#tracked.get(rumor.seq);
    if (tracked === undefined || !tracked.others.has(from)) return;
    if (tracked.byRumor.has(from) || tracked.bySupply.has(from)) return;
    (isByRumor ? tracked.byRumor : tracked.bySupply).add(from);
    tracked.lastMs = now - tracked.saidAt;
    tracked.lastHops = Math.max(tracked.lastHops, hops);
  }

  /** What became of those that are followed, the latest last. */
  get measures(): RumorMeasure[] {
    return Array.from(this.#tracked.values(), (tracked) => {
      const { others, byRumor, bySupply, lastMs, lastHops } = tracked;
      return {
        ...{ others: others.size, reached: byRumor.size + bySupply.size },
        ...{ missed: others.size - byRumor.size, lastMs, lastHops },
      };
    });
  }
}
