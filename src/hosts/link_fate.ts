/**
 * What becomes of each datagram on one direction of a link, decided by seeded random numbers and
 * nothing else: no clock, no socket. The datagram host and the simulator ask the same class.
 *
 * The decisions, in this order, as netem makes them:
 *
 * 1. lost, with probability `lossRate`: no copy arrives;
 * 2. otherwise duplicated, with probability `duplicateRate`: two copies, each with its own delay;
 * 3. each copy's delay is uniform in `[delayMs - jitterMs, delayMs + jitterMs]`, at least 0;
 * 4. each copy is held back, with probability `reorderRate`, for an additional time uniform in
 *    `[0, holdBackMs]`. (netem does it the other way round: it sends such a packet at once, ahead of
 *    the others, which needs a delay to work, and makes a link faster than it is told to be.)
 *
 * A knob that is 0 draws no random number.
 *
 * ```ts
 * import { Random } from "../protocols/random.ts";
 * import { LinkFate } from "./link_fate.ts";
 * import { combineLinks, PERFECT_LINK } from "./link_spec.ts";
 *
 * const spec = combineLinks(PERFECT_LINK, { delayMs: 40, lossRate: 0.5 });
 * const fate = new LinkFate(spec, new Random([42, 0, 1]));
 * const delays = fate.next();
 * console.assert(delays.length === 0 || delays[0] === 40);
 * ```
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import { checkLinkSpec, holdBackMs, type LinkSpec } from "./link_spec.ts";

const LOST: readonly Millis[] = Object.freeze([]);

/** Decides for one datagram after the other on one directed pair of processes. */
export class LinkFate {
  readonly #spec: LinkSpec;
  readonly #random: Random;
  readonly #holdBackMs: Millis;
  #heldBack = 0;
  // Filled anew and handed out for each datagram, so that deciding allocates nothing.
  readonly #single: [Millis] = [0];
  readonly #double: [Millis, Millis] = [0, 0];

  /**
   * @param random A stream that nothing else draws from: then a datagram's fate depends only on its
   *   position among those of its pair.
   * @throws {RangeError} If a knob is out of its range.
   */
  constructor(spec: LinkSpec, random: Random) {
    checkLinkSpec(spec);
    this.#spec = spec;
    this.#random = random;
    this.#holdBackMs = holdBackMs(spec);
  }

  /**
   * Decides for the next datagram.
   *
   * @returns The delay of each copy that arrives, in milliseconds: none, one or two. The array is
   *   valid until the next call.
   */
  next(): readonly Millis[] {
    const { lossRate, duplicateRate } = this.#spec;
    this.#heldBack = 0;
    if (this.#happens(lossRate)) return LOST;
    if (this.#happens(duplicateRate)) {
      this.#double[0] = this.#delay();
      this.#double[1] = this.#delay();
      return this.#double;
    }
    this.#single[0] = this.#delay();
    return this.#single;
  }

  /** How many copies of the datagram that was decided last are held back by `reorder`. */
  get heldBack(): number {
    return this.#heldBack;
  }

  #delay(): Millis {
    const { delayMs, jitterMs, reorderRate } = this.#spec;
    let delay = delayMs;
    if (jitterMs > 0) {
      delay = Math.max(0, this.#random.between(delayMs - jitterMs, delayMs + jitterMs));
    }
    if (this.#happens(reorderRate)) {
      this.#heldBack++;
      delay += this.#random.between(0, this.#holdBackMs);
    }
    return delay;
  }

  #happens(probability: number): boolean {
    return probability > 0 && this.#random.chance(probability);
  }
}
