/**
 * Large rumors that were offered, and asked for: from one node at a time.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { RumorKey } from "./rumor_store.ts";

/** What was asked for and has not come by then is asked for again, when somebody offers it. */
const PATIENCE_MS: Millis = 3000;

/** So many are remembered; of those beyond it the oldest is forgotten, and may come twice. */
const MAX_WANTED = 1000;

/** What is on its way. */
export class WantedRumors {
  /** By when each should be here, the oldest first. */
  readonly #until = new Map<RumorKey, Millis>();

  /** It was offered. Returns whether it is to be asked for. */
  want(key: RumorKey, now: Millis): boolean {
    if ((this.#until.get(key) ?? -Infinity) > now) return false;
    this.#until.delete(key);
    this.#until.set(key, now + PATIENCE_MS);
    if (this.#until.size > MAX_WANTED) this.got(this.#until.keys().next().value!);
    return true;
  }

  /** It is here. */
  got(key: RumorKey): void {
    this.#until.delete(key);
  }
}
