/**
 * What the nodes of a network tell their users, with the bench's clock.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";
import type { Listener } from "./measurement.ts";

/** Listens to all nodes. */
export class Observer implements Listener {
  /** Who has told the word that is looked at. */
  readonly #heard = new Set<number>();
  #word = "";
  /** Who has told of the kill that is looked at. */
  readonly #seen = new Set<number>();
  #victim = -1;
  readonly #killed = new Set<number>();
  #wake = () => {};
  /** Each word that each node has told. */
  readonly #told = new Set<string>();
  /** Words that a node told again. */
  repeated = 0;
  /** Nodes that were called gone and were not. */
  falseAlarms = 0;

  /** How many have told the word that was said last. */
  get heardBy(): number {
    return this.#heard.size;
  }

  /** How many have told of the node that was killed last. */
  get seenBy(): number {
    return this.#seen.size;
  }

  /** This word is looked at from now on. */
  expectWord(word: string): void {
    this.#word = word;
    this.#heard.clear();
  }

  /** This node is killed now. */
  expectLoss(node: number): void {
    this.#victim = node;
    this.#killed.add(node);
    this.#seen.clear();
  }

  /** Resolves with the time that it took until something is so; Infinity after `withinMs`. */
  async until(isSo: () => boolean, withinMs: Millis): Promise<Millis> {
    const since = performance.now();
    const { promise, resolve } = Promise.withResolvers<Millis>();
    const timer = setTimeout(() => resolve(Infinity), withinMs);
    this.#wake = () => {
      if (isSo()) resolve(performance.now() - since);
    };
    this.#wake();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#wake = () => {};
    }
  }

  /** A node tells a word. */
  heard(node: number, word: string): void {
    const key = `${node} ${word}`;
    if (this.#told.has(key)) this.repeated++;
    this.#told.add(key);
    if (word === this.#word) this.#heard.add(node);
    this.#wake();
  }

  /** A node tells that another one has gone. */
  lost(node: number, other: number): void {
    if (!this.#killed.has(other)) this.falseAlarms++;
    if (other === this.#victim) this.#seen.add(node);
    this.#wake();
  }
}
