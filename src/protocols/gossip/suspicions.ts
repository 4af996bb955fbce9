/**
 * Who is suspected of having crashed, and until when he can contradict (SWIM, section 4.2).
 *
 * Everybody who has heard of a suspicion waits for himself. Who has found it out by his own probe also
 * keeps telling the suspect, who might not hear of it otherwise (the buddy system of Lifeguard).
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { NodeName } from "./messages.ts";

/** A suspicion. */
interface Suspicion {
  readonly expiresAt: Millis;
  /** When the suspect is told next; Infinity if others do that. */
  tellAt: Millis;
}

/** All suspicions of a node. */
export class Suspicions {
  readonly #lastMs: Millis;
  readonly #tellMs: Millis;
  readonly #suspects = new Map<NodeName, Suspicion>();

  /**
   * @param lastMs So long each lasts.
   * @param tellMs So often a suspect is told.
   */
  constructor(lastMs: Millis, tellMs: Millis) {
    this.#lastMs = lastMs;
    this.#tellMs = tellMs;
  }

  /** When there is something to do. */
  get deadline(): Millis {
    let at = Infinity;
    for (const { expiresAt, tellAt } of this.#suspects.values()) {
      at = Math.min(at, expiresAt, tellAt);
    }
    return at;
  }

  /** Those that are suspected. */
  get names(): IterableIterator<NodeName> {
    return this.#suspects.keys();
  }

  /** A suspicion has come up, in another incarnation of the node than one before, if there was one. */
  begin(name: NodeName, now: Millis): void {
    this.#suspects.set(name, { expiresAt: now + this.#lastMs, tellAt: Infinity });
  }

  /** It is over: the node is alive, or it is gone. */
  end(name: NodeName): void {
    this.#suspects.delete(name);
  }

  /** The suspect was silent here too: it is told from now on. */
  confirm(name: NodeName, now: Millis): void {
    const suspicion = this.#suspects.get(name);
    if (suspicion?.tellAt === Infinity) suspicion.tellAt = now;
  }

  /** Who has not contradicted in time. */
  expired(now: Millis): NodeName[] {
    return this.#select(({ expiresAt }) => expiresAt <= now);
  }

  /** Who is to be told now. */
  takeUntold(now: Millis): NodeName[] {
    const names = this.#select(({ tellAt }) => tellAt <= now);
    for (const name of names) this.#suspects.get(name)!.tellAt = now + this.#tellMs;
    return names;
  }

  #select(isMeant: (suspicion: Suspicion) => boolean): NodeName[] {
    return [...this.#suspects].flatMap(([name, suspicion]) => isMeant(suspicion) ? [name] : []);
  }
}
