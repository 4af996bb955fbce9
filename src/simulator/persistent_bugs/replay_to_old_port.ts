/**
 * ```text
 * right:  a member that comes back gets its messages where it listens now
 * here:   it gets them where it first listened
 * ```
 *
 * @module
 */

import { Coordinator } from "../../protocols/persistent/coordinator.ts";
import type { Address, MemberId } from "../../protocols/persistent/messages.ts";
import { REAL_PROTOCOLS } from "../persistent_options.ts";
import type { PersistentBug } from "./persistent_bug.ts";

/** A new port that nobody calls. */
export const replayToOldPort: PersistentBug = {
  name: "replay-to-old-port",
  explanation: "the coordinator goes on calling the port that a member had at first, so that one " +
    "that comes back on another port gets nothing",
  caughtBy: "promised",
  makers: {
    ...REAL_PROTOCOLS,
    makeCoordinator: (options, outbox, now) => {
      const addresses = new Map<MemberId, Address>();
      const connect: typeof outbox.connect = (id, address, session, after) => {
        if (!addresses.has(id)) addresses.set(id, address);
        outbox.connect(id, addresses.get(id)!, session, after);
      };
      return new Coordinator(options, { ...outbox, connect }, now);
    },
  },
};
