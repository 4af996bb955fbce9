/**
 * A participant that writes down whatever comes, for mistakes of the coordinator: the real one closes
 * a connection on which messages are missing.
 *
 * @module
 */

import type { Message } from "../../protocols/persistent/messages.ts";
import { Participant } from "../../protocols/persistent/participant.ts";
import { type PersistentMakers, REAL_PROTOCOLS } from "../persistent_options.ts";

/** Takes the coordinator's word for everything, but nothing twice. */
class NaiveParticipant extends Participant {
  readonly #taken = new Set<number>();

  override deliver(link: number, messages: readonly Message[]): readonly Message[] {
    // As if nothing was missing before these, so that acknowledgements go on.
    super.deliver(link, [{ ...messages[0]!, seq: 1 }, ...messages]);
    const fresh = messages.filter(({ seq }) => !this.#taken.has(seq));
    for (const { seq } of fresh) this.#taken.add(seq);
    return fresh;
  }
}

/** A mistaken coordinator among naive participants. */
export function amongNaive(
  makeCoordinator: PersistentMakers["makeCoordinator"],
): PersistentMakers {
  const makeParticipant: PersistentMakers["makeParticipant"] = (id, log) =>
    new NaiveParticipant(id, log);
  return { ...REAL_PROTOCOLS, makeCoordinator, makeParticipant };
}
