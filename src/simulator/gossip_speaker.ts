/**
 * The user of a simulated node, who says rumors now and then.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** One, two, three and four bytes in UTF-8. */
const FILLERS = ["o", "é", "–", "🙂"] as const;

/** Where he is. */
interface Node {
  readonly self: number;
  say(text: string): void;
}

/** A user. */
export class GossipSpeaker {
  readonly #options: GossipSimulationOptions;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #node: Node;
  #said = 0;

  constructor(options: GossipSimulationOptions, time: VirtualTime, random: Random, node: Node) {
    this.#options = options;
    this.#time = time;
    this.#random = random;
    this.#node = node;
  }

  /** Says something now and then until this time. */
  speakUntil(endMs: Millis): void {
    const pauseMs = this.#random.exponential(this.#options.sayMeanMs);
    if (this.#time.nowMs + pauseMs >= endMs) return;
    this.#time.after(pauseMs, () => {
      const { burstRate, burstMax } = this.#options;
      const times = this.#random.chance(burstRate) ? 1 + this.#random.below(burstMax) : 1;
      for (let i = 0; i < times; i++) this.#node.say(this.#text());
      this.speakUntil(endMs);
    });
  }

  /** Another one each time. */
  #text(): string {
    const { largeRate, largeMaxChars } = this.#options;
    const words = `node ${this.#node.self} says ${++this.#said}`;
    if (!this.#random.chance(largeRate)) return words;
    const filler = FILLERS[this.#random.below(FILLERS.length)]!;
    const chars = Math.floor(this.#random.between(largeMaxChars / 4, largeMaxChars));
    return `${words}: ${filler.repeat(chars)}`;
  }
}
