/**
 * What a node knows of the others: which incarnation of each lives, what it wants, when it was heard.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { RingMember, RingView } from "./messages.ts";

/** What is known about one machine of the file. */
interface Neighbour {
  /** 0 if it has never been heard. */
  incarnation: number;
  next: ProcessId | null;
  heardAt: Millis;
  /** When it answered us: so it hears us, too. */
  answeredAt: Millis;
  /** The token could not be handed to it, and it hasn't answered us since. */
  isDeaf: boolean;
  /** It has said that it is in no view. */
  isNew: boolean;
  /** The incarnation that has said goodbye; 0 if none has. */
  gone: number;
  /** It waits for the token, or has until then to say so again. */
  waitsUntil: Millis;
}

/** All machines of the file. */
export class Neighbours {
  readonly #all: Neighbour[];
  /** Whether somebody has come, gone, or come again since the view was looked at. */
  isChanged = false;

  /** Nobody has been heard. */
  constructor(size: number) {
    this.#all = Array.from({ length: size }, () => ({
      incarnation: 0,
      next: null,
      heardAt: -Infinity,
      answeredAt: -Infinity,
      isDeaf: false,
      isNew: false,
      gone: 0,
      waitsUntil: -Infinity,
    }));
  }

  /** Something came from this node. */
  heard(node: ProcessId, now: Millis): void {
    this.#all[node]!.heardAt = now;
  }

  /** It says who it is. */
  met(node: ProcessId, incarnation: number, next: ProcessId | null): void {
    const neighbour = this.#all[node]!;
    neighbour.next = next;
    if (neighbour.incarnation === incarnation) return;
    neighbour.incarnation = incarnation;
    neighbour.waitsUntil = -Infinity;
    this.isChanged = true;
  }

  /** It has answered us. */
  answered(node: ProcessId, now: Millis): void {
    const neighbour = this.#all[node]!;
    neighbour.answeredAt = now;
    neighbour.isDeaf = false;
    if (neighbour.isNew) this.isChanged = true;
  }

  /** The token could not be handed to it. */
  missed(node: ProcessId): void {
    this.#all[node]!.isDeaf = true;
  }

  /** Whether the token could be handed to it, as far as is known. */
  isReachable(node: ProcessId): boolean {
    return !this.#all[node]!.isDeaf;
  }

  /** It is in no view that it knows of. */
  greeted(node: ProcessId): void {
    this.#all[node]!.isNew = true;
    this.isChanged = true;
  }

  /** This incarnation goes. */
  left(node: ProcessId, incarnation: number): void {
    const neighbour = this.#all[node]!;
    neighbour.gone = incarnation;
    this.isChanged = true;
    if (neighbour.incarnation === incarnation) neighbour.waitsUntil = -Infinity;
  }

  /** It waits for the token, and will say so again before `until`; -Infinity if it doesn't wait. */
  wants(node: ProcessId, until: Millis): void {
    this.#all[node]!.waitsUntil = until;
  }

  /** Whether it has said that it waits. */
  isWaiting(node: ProcessId, now: Millis): boolean {
    return this.#all[node]!.waitsUntil > now;
  }

  /** Whether this member lives no more: it has left, or was started again. */
  isOver({ node, incarnation }: RingMember): boolean {
    const neighbour = this.#all[node]!;
    const isAnother = neighbour.incarnation !== 0 && neighbour.incarnation !== incarnation;
    return neighbour.gone === incarnation || isAnother;
  }

  /** Who has said that it is in no view, has answered us since `since`, and has not left. Who can't
   * hear us would only lose the token. */
  newcomers(since: Millis): RingMember[] {
    const members: RingMember[] = [];
    for (const [node, { incarnation, next, isNew, answeredAt, gone }] of this.#all.entries()) {
      if (isNew && answeredAt >= since && incarnation !== gone) {
        members.push({ node, incarnation, next });
      }
    }
    return members;
  }

  /** Whether a member waits. */
  someWait({ members }: RingView, now: Millis): boolean {
    for (let i = 0; i < members.length; i++) {
      if (this.#all[members[i]!.node]!.waitsUntil > now) return true;
    }
    return false;
  }

  /** A view was agreed on: who is in it is known, unless he has said something else since, and need
   * not ask for that any more. */
  viewed({ members }: RingView, self: ProcessId): void {
    for (const { node, incarnation, next } of members) {
      const neighbour = this.#all[node]!;
      if (node !== self && !neighbour.isNew) this.met(node, incarnation, next);
      if (neighbour.incarnation === incarnation) neighbour.isNew = false;
    }
  }

  /** How many others have been heard since `since`. */
  heardSince(since: Millis): number {
    let count = 0;
    for (const { heardAt } of this.#all) if (heardAt >= since) count++;
    return count;
  }
}
