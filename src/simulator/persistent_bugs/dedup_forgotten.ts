/**
 * ```text
 * right:  a message that is in the log already is not written again
 * here:   whatever comes is written
 * ```
 *
 * @module
 */

import type { Message } from "../../protocols/persistent/messages.ts";
import {
  type OpenAnswer,
  type OpenWords,
  Participant,
} from "../../protocols/persistent/participant.ts";
import type { Millis } from "../../protocols/process.ts";
import { REAL_PROTOCOLS } from "../persistent_options.ts";
import type { PersistentBug } from "./persistent_bug.ts";

/** Has no memory. */
class ForgetfulParticipant extends Participant {
  override open(link: number, words: OpenWords, now: Millis): OpenAnswer {
    const answer = super.open(link, words, now);
    return answer.type === "opened" ? { ...answer, logged: words.after } : answer;
  }

  override deliver(link: number, messages: readonly Message[]): readonly Message[] | null {
    return super.deliver(link, messages) === null ? null : messages;
  }
}

/** What the coordinator sends again is written again. */
export const dedupForgotten: PersistentBug = {
  name: "dedup-forgotten",
  explanation: "participants don't look whether a message is in their logs already, so that one " +
    "whose acknowledgement was lost is there twice",
  caughtBy: "once",
  makers: { ...REAL_PROTOCOLS, makeParticipant: (id, log) => new ForgetfulParticipant(id, log) },
};
