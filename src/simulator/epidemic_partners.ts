/**
 * With whom the nodes of an epidemic speak: partners drawn uniformly, never oneself, and no one twice
 * at a time.
 *
 * @module
 */

import { assert } from "../protocols/assert.ts";
import type { Random } from "../protocols/random.ts";

const TWO_32 = 2 ** 32;

/** Products with 32 bits stay whole numbers up to here. */
const NODES_MAX = 2 ** 20;

/** Draws partners among nodes numbered from 0. */
export class Partners {
  readonly #nodes: number;
  readonly #random: Random;
  /** When each node was drawn last, as a number of the draw. */
  readonly #drawnIn: Uint32Array;
  #draws = 0;
  /** The partners drawn last, as many as the fanout. */
  readonly drawn: Uint32Array;

  /** For so many nodes, and so many partners at a time. */
  constructor(nodes: number, fanout: number, random: Random) {
    assert(nodes <= NODES_MAX, "the nodes are not too many to draw from exactly");
    assert(fanout >= 1 && fanout < nodes, "there are as many partners as are wanted");
    this.#nodes = nodes;
    this.#random = random;
    this.#drawnIn = new Uint32Array(fanout === 1 ? 0 : nodes);
    this.drawn = new Uint32Array(fanout);
  }

  /** Draws the partners of a node into {@linkcode Partners.drawn}. */
  draw(self: number): void {
    const others = this.#nodes - 1;
    const fanout = this.drawn.length;
    if (fanout === 1) this.drawn[0] = this.#below(others);
    else this.#drawDistinct(others, fanout);
    // The last node stands in for the one who draws.
    for (let i = 0; i < fanout; i++) if (this.drawn[i] === self) this.drawn[i] = others;
  }

  /** Floyd's algorithm (Bentley, Communications of the ACM 30(9), 1987): one number for each partner. */
  #drawDistinct(others: number, fanout: number): void {
    const draw = ++this.#draws;
    for (let i = 0; i < fanout; i++) {
      const last = others - fanout + i;
      const candidate = this.#below(last + 1);
      const partner = this.#drawnIn[candidate] === draw ? last : candidate;
      this.#drawnIn[partner] = draw;
      this.drawn[i] = partner;
    }
  }

  /** As `Random.below`, but several times as fast: a product in place of a remainder (Lemire, Fast
   * Random Integer Generation in an Interval, 2019). It is drawn again where some results would be
   * likelier than others. */
  #below(bound: number): number {
    for (;;) {
      const product = this.#random.uint32() * bound;
      const result = Math.floor(product / TWO_32);
      const rest = product - result * TWO_32;
      if (rest >= bound || rest >= TWO_32 % bound) return result;
    }
  }
}
