/**
 * What is due at a point in time, earliest first; and what is due at the same time, in the order in
 * which it was put in.
 *
 * ```ts
 * import { DueQueue } from "./due_queue.ts";
 *
 * const queue = new DueQueue<string>();
 * queue.push(20, "late");
 * queue.push(10, "early");
 * console.assert(queue.nextDue === 10 && queue.pop() === "early");
 * ```
 *
 * @module
 */

import { assert } from "../protocols/assert.ts";
import type { Millis } from "../protocols/process.ts";

interface Entry<Item> {
  readonly due: Millis;
  /** Breaks ties, so that the heap, which is not stable by itself, keeps the order. */
  readonly sequence: number;
  readonly item: Item;
}

/**
 * A binary heap ordered by (due, sequence). What is put in is usually due last, and then `push`
 * takes constant time; `pop` takes the logarithm of the size.
 */
export class DueQueue<Item> {
  // Invariant: no entry comes before its parent, at (index - 1) >> 1.
  #heap: Entry<Item>[] = [];
  #sequence = 0;

  /** How many items there are. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the first item is due; Infinity where there is none. */
  get nextDue(): Millis {
    return this.#heap[0]?.due ?? Infinity;
  }

  /** Puts an item in. */
  push(due: Millis, item: Item): void {
    assert(!Number.isNaN(due), "an item is due at a point in time");
    const entry = { due, sequence: this.#sequence++, item };
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex]!;
      if (!isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** Takes the first item out; undefined where there is none. */
  pop(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.#sink(last);
    return first.item;
  }

  /** Throws all items away. */
  clear(): void {
    this.#heap = [];
  }

  /** Puts an entry in the free place at the root, or as far down as its rank wants it. */
  #sink(entry: Entry<Item>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, entry)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = entry;
  }
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
}
