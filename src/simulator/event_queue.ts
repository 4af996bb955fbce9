/**
 * What happens next in a simulated world: a queue by time, and by order of entry among equals.
 *
 * @module
 */

/** Integer microseconds of virtual time. */
export type Micros = number;

/** A binary heap (Williams 1964) in three parallel arrays. */
export class EventQueue<T> {
  readonly #times: Micros[] = [];
  readonly #sequences: number[] = [];
  readonly #items: T[] = [];
  #entered = 0;

  /** How many events wait. */
  get size(): number {
    return this.#times.length;
  }

  /** When the next event is due; Infinity if none waits. */
  get nextTime(): Micros {
    return this.#times.length === 0 ? Infinity : this.#times[0]!;
  }

  /** Enters an event that is due at `time`. */
  push(time: Micros, item: T): void {
    const sequence = this.#entered++;
    let i = this.#times.length;
    this.#times.push(time);
    this.#sequences.push(sequence);
    this.#items.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#times[parent]! <= time) break; // Among equals, the parent entered earlier.
      this.#move(parent, i);
      i = parent;
    }
    this.#set(i, time, sequence, item);
  }

  /** Takes the next event out.
   *
   * @throws {RangeError} if none waits. */
  pop(): T {
    if (this.#times.length === 0) throw new RangeError("No event waits");
    const first = this.#items[0]!;
    const time = this.#times.pop()!;
    const sequence = this.#sequences.pop()!;
    const item = this.#items.pop()!;
    const { length } = this.#times;
    if (length === 0) return first;
    let i = 0;
    for (let child = 1; child < length; child = 2 * i + 1) {
      if (child + 1 < length && this.#isBefore(child + 1, child)) child++;
      const childTime = this.#times[child]!;
      if (childTime > time || (childTime === time && this.#sequences[child]! > sequence)) break;
      this.#move(child, i);
      i = child;
    }
    this.#set(i, time, sequence, item);
    return first;
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#times[a]! - this.#times[b]!;
    return difference < 0 || (difference === 0 && this.#sequences[a]! < this.#sequences[b]!);
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#times[from]!, this.#sequences[from]!, this.#items[from]!);
  }

  #set(i: number, time: Micros, sequence: number, item: T): void {
    this.#times[i] = time;
    this.#sequences[i] = sequence;
    this.#items[i] = item;
  }
}
