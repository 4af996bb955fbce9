/**
 * ```text
 * right:  a message goes to everybody who is online
 * here:   a message goes to everybody who is online but its sender
 * ```
 *
 * @module
 */

import { Coordinator, type CoordinatorOptions } from "../../protocols/persistent/coordinator.ts";
import type { CoordinatorOutbox } from "../../protocols/persistent/coordinator_outbox.ts";
import type { MemberId } from "../../protocols/persistent/messages.ts";
import type { Millis } from "../../protocols/process.ts";
import { amongNaive } from "./naive_participant.ts";
import type { PersistentBug } from "./persistent_bug.ts";

/** Knows who is at the other end of each link. */
class ShyCoordinator extends Coordinator {
  readonly #ids: Map<number, MemberId>;

  constructor(options: CoordinatorOptions, outbox: CoordinatorOutbox, now: Millis) {
    const ids = new Map<number, MemberId>();
    const deliver: typeof outbox.deliver = (link, messages) => {
      const others = messages.filter(({ sender }) => sender !== ids.get(link));
      if (others.length > 0) outbox.deliver(link, others);
    };
    super(options, { ...outbox, deliver }, now);
    this.#ids = ids;
  }

  override linkOpened(
    link: number,
    id: MemberId,
    session: string,
    logged: number,
    now: Millis,
  ): void {
    this.#ids.set(link, id);
    super.linkOpened(link, id, session, logged, now);
  }
}

/** Everybody hears it but the one who said it. */
export const senderLeftOut: PersistentBug = {
  name: "sender-left-out",
  explanation: "messages are not brought to their senders, so that the logs differ",
  caughtBy: "promised",
  makers: amongNaive((options, outbox, now) => new ShyCoordinator(options, outbox, now)),
};
