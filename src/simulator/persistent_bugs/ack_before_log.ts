/**
 * ```text
 * right:  write m to the log; make it durable; acknowledge m
 * here:   acknowledge m; write it to the log
 * ```
 *
 * @module
 */

import type { Message } from "../../protocols/persistent/messages.ts";
import { Participant } from "../../protocols/persistent/participant.ts";
import { REAL_PROTOCOLS } from "../persistent_options.ts";
import type { PersistentBug } from "./persistent_bug.ts";

/** Acknowledges on receipt. */
class HastyParticipant extends Participant {
  override deliver(link: number, messages: readonly Message[]): readonly Message[] | null {
    const fresh = super.deliver(link, messages);
    if (fresh !== null) this.logged(messages.at(-1)!.seq);
    return fresh;
  }
}

/** Acknowledged means received. */
export const ackBeforeLog: PersistentBug = {
  name: "ack-before-log",
  explanation:
    "participants acknowledge messages before these are in their logs, so that a crash " +
    "of a participant loses what the coordinator will not send again",
  caughtBy: "promised",
  makers: { ...REAL_PROTOCOLS, makeParticipant: (id, log) => new HastyParticipant(id, log) },
};
