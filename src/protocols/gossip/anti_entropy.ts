/**
 * The safety net of gossip: two nodes compare all that they have had, and each gives the other what it
 * lacks (Demers et al. 1987, sections 1.3 and 1.5).
 *
 * One asks with a digest. The other supplies what the digest lacks, and asks back if it lacks something
 * itself. A supply that isn't all is followed by another digest, and by another supply. Who gets no
 * supply soon asks somebody else.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import type { Digest, Rumor, RumorMessage, Supply } from "./messages.ts";
import type { RumorStore } from "./rumor_store.ts";
import { DigestIndex, type SeenRumors } from "./seen_rumors.ts";

/** So much text goes in one supply, in UTF-16 units, and so many rumors; one rumor may be larger. */
const SUPPLY_UNITS = 128 * 1024;
const SUPPLY_RUMORS = 500;

/** Who has come, or come back, is asked within this time, and after rumors anybody: not by all at once. */
const SOON_MS: Millis = 1000;

/** So many come soon after rumors have come to rest. If one node of many was missed, with c of them at each
 * it is missed by all of these exchanges too in e^-c of the cases, and waits for the interval. */
const AFTER_RUMORS = 2;

/** A digest that nobody has answered by then was lost, or its answer was: another node is asked. */
const ANSWER_MS: Millis = 1000;

/** So often at most; then the next exchange comes in its own time. */
const TRIES = 4;

/** Sends to the partner. */
export type Say = (message: RumorMessage) => void;

/** One node's exchanges. */
export class AntiEntropy {
  readonly #seen: SeenRumors;
  readonly #store: RumorStore;
  readonly #random: Random;
  readonly #intervalMs: Millis | null;
  /** The next exchange. */
  #at: Millis;
  /** With whom; null for anybody. */
  #address: string | null = null;
  /** Until then the answer to a digest should have come; Infinity if none is awaited. */
  #answerBy: Millis = Infinity;
  #tries = 0;
  /** Exchanges that are to come soon. */
  #extra = 0;

  /** @param intervalMs Between two exchanges; null for none. */
  constructor(
    seen: SeenRumors,
    store: RumorStore,
    intervalMs: Millis | null,
    random: Random,
    now: Millis,
  ) {
    this.#seen = seen;
    this.#store = store;
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#at = this.#next(now);
  }

  /** When the next exchange is due; Infinity if none ever is. */
  get deadline(): Millis {
    return Math.min(this.#at, this.#answerBy);
  }

  /** Somebody has come, or come back: he may have what is missing here. */
  met(address: string, now: Millis): void {
    if (this.#intervalMs === null || this.#address !== null) return;
    this.#address = address;
    this.#at = Math.min(this.#at, now + this.#random.float() * SOON_MS);
  }

  /** Rumors have come to rest here: whom they have missed is found sooner. */
  settled(now: Millis): void {
    if (this.#intervalMs === null) return;
    this.#extra = AFTER_RUMORS;
    this.#at = Math.min(this.#at, now + this.#random.float() * SOON_MS);
  }

  /** With whom an exchange is due: an address, "anybody", or null if none is. Asked once for each. */
  due(now: Millis): string | "anybody" | null {
    if (now >= this.#answerBy && this.#tries < TRIES) {
      this.#expectAnswer(now);
      return "anybody";
    }
    if (now >= this.#answerBy) this.#answerBy = Infinity;
    if (now < this.#at) return null;
    const address = this.#address;
    this.#address = null;
    this.#extra = Math.max(0, this.#extra - 1);
    this.#at = this.#extra > 0 ? now + SOON_MS * (0.5 + this.#random.float()) : this.#next(now);
    this.#tries = 0;
    this.#expectAnswer(now);
    return address ?? "anybody";
  }

  /** What begins an exchange. */
  question(): Digest {
    return { type: "digest", entries: this.#seen.digest(), isQuestion: true };
  }

  /** A digest has come. It gets an answer, even if that brings nothing. */
  answer({ entries, isQuestion }: Digest, now: Millis, say: Say): void {
    say(this.#supplyFor(new DigestIndex(entries)));
    if (isQuestion && this.#seen.lacksAnyOf(entries)) this.#askBack(now, say);
  }

  /** A supply has been taken in; `isAnyNew` of it. */
  supplied({ isMore }: Supply, isAnyNew: boolean, now: Millis, say: Say): void {
    this.#answerBy = Infinity;
    if (isMore && isAnyNew) this.#askBack(now, say);
  }

  #askBack(now: Millis, say: Say): void {
    this.#tries = 0;
    this.#expectAnswer(now);
    say(this.#reply());
  }

  #expectAnswer(now: Millis): void {
    this.#tries++;
    this.#answerBy = now + ANSWER_MS;
  }

  #reply(): Digest {
    return { ...this.question(), isQuestion: false };
  }

  /** What somebody with this digest lacks, the oldest first. */
  #supplyFor(theirs: DigestIndex): Supply {
    const rumors: Rumor[] = [];
    let units = 0;
    for (const rumor of this.#store.all) {
      if (theirs.has(rumor)) continue;
      const isFull = units + rumor.text.length > SUPPLY_UNITS || rumors.length >= SUPPLY_RUMORS;
      if (isFull && rumors.length > 0) return { type: "supply", rumors, isMore: true };
      rumors.push(rumor);
      units += rumor.text.length;
    }
    return { type: "supply", rumors, isMore: false };
  }

  /** Drawn, so that nodes which began together don't ask together. */
  #next(now: Millis): Millis {
    return this.#intervalMs === null
      ? Infinity
      : now + this.#intervalMs * (0.5 + this.#random.float());
  }
}
