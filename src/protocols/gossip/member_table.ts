/**
 * What a node knows of the others: the newest record of each, who is up, and who is gone.
 *
 * The table is bounded: for somebody new the one who has been gone for longest is forgotten, and if
 * nobody is gone, there is no place.
 *
 * @module
 */

import type { Random } from "../random.ts";
import { MAX_MEMBERS, type MemberRecord, type MemberState, type NodeName } from "./messages.ts";

/** What a record has changed: nothing, or somebody has come up, gone down, or stayed what he was. */
export type MemberChange = "nothing" | "came" | "went" | "changed";

/** The later, the more it takes to contradict. */
const RANK: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/** A member, and its place among those that are up; -1 if it isn't. */
interface Entry {
  record: MemberRecord;
  place: number;
}

/** Whether who is in this state counts as up: a suspect does. */
export function isUpState(state: MemberState): boolean {
  return state === "alive" || state === "suspect";
}

/** Whether the first of two records of one node is to replace the second (SWIM, section 4.2). Where two
 * processes have one name and one incarnation, the address decides, so that all decide alike. */
export function isNewer(record: MemberRecord, known: MemberRecord): boolean {
  if (record.incarnation !== known.incarnation) return record.incarnation > known.incarnation;
  if (record.state !== known.state) return RANK[record.state] > RANK[known.state];
  return record.address > known.address;
}

/** The other members. */
export class MemberTable {
  readonly #random: Random;
  readonly #capacity: number;
  readonly #entries = new Map<NodeName, Entry>();
  /** Those that are up, in any order. `#up[entry.place] === entry`. */
  readonly #up: Entry[] = [];
  /** Those that are dead or have left, in the order in which they went. */
  readonly #gone = new Map<NodeName, Entry>();

  /** @param capacity The most that are remembered. */
  constructor(random: Random, capacity: number = MAX_MEMBERS - 1) {
    this.#random = random;
    this.#capacity = capacity;
  }

  /** How many are up. */
  get upCount(): number {
    return this.#up.length;
  }

  /** All that is known. */
  get records(): MemberRecord[] {
    return [...this.#entries.values()].map(({ record }) => record);
  }

  /** The names of those that are up. */
  get upNames(): NodeName[] {
    return this.#up.map(({ record }) => record.name);
  }

  /** Those that are dead, the latest last. Who has left isn't among them. */
  get dead(): MemberRecord[] {
    const gone = [...this.#gone.values()].map(({ record }) => record);
    return gone.filter(({ state }) => state === "dead");
  }

  /** What is known of a node. */
  get(name: NodeName): MemberRecord | undefined {
    return this.#entries.get(name)?.record;
  }

  /** Whether a node is alive or suspect. */
  isUp(name: NodeName): boolean {
    return (this.#entries.get(name)?.place ?? -1) >= 0;
  }

  /** Takes a record over, if it is news. */
  put(record: MemberRecord): MemberChange {
    const entry = this.#entries.get(record.name);
    if (entry === undefined) return this.#add(record);
    if (!isNewer(record, entry.record)) return "nothing";
    const wasUp = entry.place >= 0;
    const isUp = isUpState(record.state);
    entry.record = record;
    if (isUp === wasUp) return "changed";
    if (isUp) this.#raise(entry);
    else this.#lower(entry);
    return isUp ? "came" : "went";
  }

  /** Different members that are up, each choice as likely as any other; fewer if there are fewer.
   *
   * @param not Who isn't to be among them. */
  draw(count: number, not?: NodeName): MemberRecord[] {
    const drawn: MemberRecord[] = [];
    // The first steps of a shuffle. What is left of the last one does no harm to the next.
    for (let i = 0; i < this.#up.length && drawn.length < count; i++) {
      this.#swap(i, i + this.#random.below(this.#up.length - i));
      const { record } = this.#up[i]!;
      if (record.name !== not) drawn.push(record);
    }
    return drawn;
  }

  #add(record: MemberRecord): MemberChange {
    const isUp = isUpState(record.state);
    if (this.#entries.size >= this.#capacity && !(isUp && this.#forgetOne())) return "nothing";
    const entry = { record, place: -1 };
    this.#entries.set(record.name, entry);
    if (isUp) this.#raise(entry);
    else this.#gone.set(record.name, entry);
    return isUp ? "came" : "changed";
  }

  /** Forgets who has been gone for longest. Returns whether there was one. */
  #forgetOne(): boolean {
    for (const name of this.#gone.keys()) {
      this.#gone.delete(name);
      return this.#entries.delete(name);
    }
    return false;
  }

  #raise(entry: Entry): void {
    this.#gone.delete(entry.record.name);
    entry.place = this.#up.length;
    this.#up.push(entry);
  }

  #lower(entry: Entry): void {
    this.#swap(entry.place, this.#up.length - 1);
    this.#up.pop();
    entry.place = -1;
    this.#gone.set(entry.record.name, entry);
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#up[i]!, this.#up[j]!];
    [this.#up[i], this.#up[j]] = [b, a];
    [a.place, b.place] = [j, i];
  }
}
