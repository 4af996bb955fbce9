/**
 * What the coordinator wants from the world.
 *
 * @module
 */

import type { Address, LinkEnd, MemberId, Message, Reply } from "./messages.ts";

/** The network around a coordinator. Nothing here calls it back. */
export interface CoordinatorOutbox {
  /** Answers a request on the connection that it came on. A one-shot connection is closed then. */
  reply(connection: number, reply: Reply): void;
  /** Connects to a participant and says `open` with these words. It ends in one call of `linkOpened`,
   * with what the participant answered, or of `linkFailed`: whatever goes wrong, and after some
   * seconds at the latest. No second attempt for a session is made before. A refusal fails too.
   *
   * @param after Messages above this number will come. */
  connect(id: MemberId, address: Address, session: string, after: number): void;
  /** Messages in order and without a gap. It is the same array for all who are at the same place, so
   * that its bytes can be made once. It must not be changed. */
  deliver(link: number, messages: readonly Message[]): void;
  /** Says why, and closes the connection; `linkClosed` need not follow. */
  closeLink(link: number, why: LinkEnd): void;
}
