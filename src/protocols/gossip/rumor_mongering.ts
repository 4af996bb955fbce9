/**
 * Rumor mongering: which rumors a node spreads, and when it loses interest in them.
 *
 * Demers et al., Epidemic Algorithms for Replicated Database Maintenance, 1987, section 1.4. A rumor
 * that a node has just learnt is hot: the node tells it, or gives it to those who ask. Each time that
 * speaks for stopping may end that: with feedback, a partner who knew the rumor already; blind, any
 * partner. So some nodes are never told. The larger `k`, the fewer they are, and the more is sent.
 *
 * ```ts
 * import { Random } from "../random.ts";
 * import { RumorMongering } from "./rumor_mongering.ts";
 *
 * const options = { mode: "push", reaction: "feedback", stop: "counter", k: 2 } as const;
 * const mongering = new RumorMongering<string>(options, new Random(1));
 * mongering.learn("the bridge is closed");
 * mongering.answered("the bridge is closed", true);
 * mongering.answered("the bridge is closed", false); // It was news: counting begins anew.
 * mongering.answered("the bridge is closed", true);
 * console.assert(mongering.isHot("the bridge is closed"));
 * mongering.answered("the bridge is closed", true);
 * console.assert(mongering.isIdle);
 * ```
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { MongeringOptions } from "./gossip_options.ts";
import { GOSSIP_RULES, type GossipRules } from "./gossip_rules.ts";

/** What a simulated mistake may exchange here. */
export type MongeringRules = Pick<GossipRules, "losesInterest">;

const NONE: ReadonlyMap<never, number> = new Map<never, number>();

/** One node's interest in rumors. A rumor is known by its value, as a key of a map is.
 *
 * It doesn't remember what has been hot: who calls learns each rumor once. */
export class RumorMongering<Rumor> {
  readonly #options: MongeringOptions;
  readonly #random: Random;
  readonly #rules: MongeringRules;
  /** The hot rumors, and how many times in a row have spoken for stopping. Null if none is hot, as it
   * is mostly: so an idle node costs a few words. */
  #times: Map<Rumor, number> | null = null;

  /**
   * Nothing is hot at first.
   *
   * @throws {RangeError} If `k` is not a whole number from 1.
   */
  constructor(
    options: MongeringOptions,
    random: Random,
    rules: MongeringRules = GOSSIP_RULES,
  ) {
    if (!(Number.isSafeInteger(options.k) && options.k >= 1)) {
      throw new RangeError(`k is a whole number from 1, not ${options.k}`);
    }
    this.#options = options;
    this.#random = random;
    this.#rules = rules;
  }

  /** Whether no rumor is hot. */
  get isIdle(): boolean {
    return this.#times === null;
  }

  /** The hot rumors in the order in which they were learnt. One that stops while they are gone through
   * is left out from then on. */
  get hot(): Iterable<Rumor> {
    return (this.#times ?? NONE).keys();
  }

  /** Whether this node spreads the rumor. */
  isHot(rumor: Rumor): boolean {
    return this.#times !== null && this.#times.has(rumor);
  }

  /** The rumor is new to this node: it becomes hot. If it is hot already, nothing changes. */
  learn(rumor: Rumor): void {
    this.#times ??= new Map();
    if (!this.#times.has(rumor)) this.#times.set(rumor, 0);
  }

  /** The rumor was sent to one partner. Only who is blind makes something of that. */
  told(rumor: Rumor): void {
    if (this.#options.reaction === "blind") this.#count(rumor);
  }

  /** A partner has said whether the rumor was known there. Only with feedback that means anything: one
   * who didn't know it lets the counting begin anew. */
  answered(rumor: Rumor, wasKnown: boolean): void {
    if (this.#options.reaction !== "feedback") return;
    if (wasKnown) this.#count(rumor);
    else if (this.isHot(rumor)) this.#times!.set(rumor, 0);
  }

  /** The rumor isn't hot any more, whatever has been counted. */
  forget(rumor: Rumor): void {
    if (this.#times === null) return;
    this.#times.delete(rumor);
    if (this.#times.size === 0) this.#times = null;
  }

  /** Something speaks for stopping. An answer may come when that is over already. */
  #count(rumor: Rumor): void {
    const before = this.#times?.get(rumor);
    if (before === undefined) return;
    const times = before + 1;
    if (this.#rules.losesInterest && this.#isEnough(times)) this.forget(rumor);
    else this.#times!.set(rumor, times);
  }

  #isEnough(times: number): boolean {
    const { stop, k } = this.#options;
    return stop === "counter" ? times >= k : this.#random.below(k) === 0;
  }
}
