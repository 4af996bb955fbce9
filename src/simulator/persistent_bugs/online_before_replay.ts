/**
 * ```text
 * right:  a member that comes back gets what it missed; then it is live
 * here:   it is live at once; what it missed is sent a little later
 * ```
 *
 * @module
 */

import { Coordinator, COORDINATOR_PARTS } from "../../protocols/persistent/coordinator.ts";
import {
  DeliveryLink,
  type Source,
  type Window,
} from "../../protocols/persistent/delivery_link.ts";
import type { Message } from "../../protocols/persistent/messages.ts";
import { amongNaive } from "./naive_participant.ts";
import type { PersistentBug } from "./persistent_bug.ts";

/** Live messages first. */
class EagerLink extends DeliveryLink {
  /** Begins where the sequence ends when the link does. */
  #live: DeliveryLink | null = null;
  #missed: readonly Message[] = [];

  override next(source: Source, window: Window): readonly Message[] | null {
    if (this.#live === null) {
      const { lastSeq } = source.recent;
      if (this.sent < lastSeq) this.#missed = source.log.read(this.sent, Infinity, Infinity);
      this.#live = new DeliveryLink(this.link, this.session, lastSeq);
      return null;
    }
    return this.#live.next(source, window) ?? this.#replay();
  }

  override acknowledge(seq: number): boolean {
    return this.#live?.acknowledge(seq) ?? true;
  }

  #replay(): readonly Message[] | null {
    const missed = this.#missed;
    this.#missed = [];
    return missed.length === 0 ? null : missed;
  }
}

/** A replay that is overtaken. */
export const onlineBeforeReplay: PersistentBug = {
  name: "online-before-replay",
  explanation:
    "a member that comes back is online before it has been sent what it missed, so that " +
    "live messages overtake older ones",
  caughtBy: "order",
  makers: amongNaive((options, outbox, now) =>
    new Coordinator(options, outbox, now, {
      ...COORDINATOR_PARTS,
      makeLink: (link, session, position) => new EagerLink(link, session, position),
    })
  ),
};
