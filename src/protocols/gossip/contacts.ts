/**
 * Whom a node asks to be let in, and to name the others: again and again until it is welcome. Whom the
 * user has named is asked again when he has gone: if he comes back, he may know nobody who knows us.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import { MAX_MEMBERS, type NodeName } from "./messages.ts";

/** The first pause between two questions, and the longest. */
const FIRST_PAUSE_MS: Millis = 200;
const LAST_PAUSE_MS: Millis = 5000;

/** Who is asked. */
export interface Contact {
  readonly name: NodeName;
  readonly address: string;
}

/** What is left to be asked. */
interface Question {
  readonly address: string;
  at: Millis;
  pauseMs: Millis;
  left: number;
}

/** The questions that are not answered yet, and the user's. */
export class Contacts {
  readonly #questions = new Map<NodeName, Question>();

  /** When the next question is due. */
  get deadline(): Millis {
    let at = Infinity;
    for (const question of this.#questions.values()) at = Math.min(at, question.at);
    return at;
  }

  /** Whether somebody is asked who will not be asked for ever. */
  get isAskingBriefly(): boolean {
    return [...this.#questions.values()].some(({ left }) => left < Infinity);
  }

  /** Asks somebody from now on.
   *
   * @param times How often at most. */
  add({ name, address }: Contact, times: number, now: Millis): void {
    const left = Math.max(times, this.#questions.get(name)?.left ?? 0);
    if (this.#questions.size >= MAX_MEMBERS && !this.#questions.has(name)) return;
    this.#questions.set(name, { address, at: now, pauseMs: FIRST_PAUSE_MS, left });
  }

  /** Somebody has answered. */
  answered(name: NodeName): void {
    const question = this.#questions.get(name);
    if (question?.left === Infinity) question.at = Infinity;
    else this.#questions.delete(name);
  }

  /** Somebody has gone, with a goodbye or without. */
  gone(name: NodeName, now: Millis): void {
    const question = this.#questions.get(name);
    if (question?.at !== Infinity) return;
    question.at = now + LAST_PAUSE_MS;
    question.pauseMs = LAST_PAUSE_MS;
  }

  /** Who is to be asked now. */
  take(now: Millis): Contact[] {
    const due: Contact[] = [];
    for (const [name, question] of this.#questions) {
      if (question.at > now) continue;
      due.push({ name, address: question.address });
      question.at = now + question.pauseMs;
      question.pauseMs = Math.min(2 * question.pauseMs, LAST_PAUSE_MS);
      if (--question.left <= 0) this.#questions.delete(name);
    }
    return due;
  }
}
