/**
 * What a node says of itself, and what it does about those who say something else.
 *
 * @module
 */

import { isNewer, isUpState } from "./member_table.ts";
import type { MemberRecord } from "./messages.ts";

/** What follows from what others say: nothing; the record was renewed, so that it is newer than theirs;
 * somebody else has our name, and has more right to it than we have; or less. */
export type Verdict = "agreed" | "renewed" | "displaced" | "rivalled";

/** The record of a node about itself. */
export class OwnRecord {
  #record: MemberRecord;

  constructor({ name, address, incarnation }: Omit<MemberRecord, "state">) {
    this.#record = { name, address, incarnation, state: "alive" };
  }

  /** As it is now. */
  get record(): MemberRecord {
    return this.#record;
  }

  /** This is said of a node with our name. Contradicts it if it is wrong (SWIM, section 4.2). */
  judge(said: MemberRecord): Verdict {
    const isOurs = said.address === this.#record.address;
    if (!isOurs && isUpState(said.state)) {
      return isNewer({ ...said, state: this.#record.state }, this.#record)
        ? "displaced"
        : "rivalled";
    }
    // A process of ours before this one may have had a clock that was ahead, and be taken for us.
    if (!isNewer(said, this.#record)) return "agreed";
    const incarnation = said.incarnation + 1;
    if (!Number.isSafeInteger(incarnation)) return "agreed"; // No number is left to contradict with.
    this.#record = { ...this.#record, incarnation };
    return "renewed";
  }

  /** It goes for good. */
  leave(): void {
    this.#record = { ...this.#record, state: "left" };
  }
}
