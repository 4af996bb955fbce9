/**
 * The rumors that a node keeps for others, the oldest dropped where there are too many.
 *
 * @module
 */

import type { Rumor, RumorId } from "./messages.ts";

/** What a rumor takes in memory besides its text, roughly, in bytes. */
const OVERHEAD_BYTES = 200;

/** Names a rumor among all. No name contains a control character. */
export type RumorKey = string;

/** See {@linkcode RumorKey}. */
export function keyOf({ origin, run, seq }: RumorId): RumorKey {
  return `${origin}\n${run}\n${seq}`;
}

/** The rumors of one node. */
export class RumorStore {
  readonly #maxRumors: number;
  readonly #maxBytes: number;
  /** In the order in which they came. */
  readonly #rumors = new Map<RumorKey, Rumor>();
  #bytes = 0;

  constructor(maxRumors: number, maxBytes: number) {
    this.#maxRumors = maxRumors;
    this.#maxBytes = maxBytes;
  }

  /** How many there are. */
  get size(): number {
    return this.#rumors.size;
  }

  /** All, in the order in which they came. */
  get all(): Iterable<Rumor> {
    return this.#rumors.values();
  }

  /** One of them. */
  get(key: RumorKey): Rumor | undefined {
    return this.#rumors.get(key);
  }

  /** Keeps one that isn't there. Returns the names of those that were dropped for it. */
  add(rumor: Rumor): RumorKey[] {
    this.#rumors.set(keyOf(rumor), rumor);
    this.#bytes += bytesOf(rumor);
    const dropped: RumorKey[] = [];
    for (const [key, oldest] of this.#rumors) {
      if (this.#rumors.size <= this.#maxRumors && this.#bytes <= this.#maxBytes) break;
      this.#rumors.delete(key);
      this.#bytes -= bytesOf(oldest);
      dropped.push(key);
    }
    return dropped;
  }
}

/** Two bytes for each unit of UTF-16. */
function bytesOf({ text }: Rumor): number {
  return OVERHEAD_BYTES + 2 * text.length;
}
