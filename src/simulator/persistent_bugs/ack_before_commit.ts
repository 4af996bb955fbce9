/**
 * ```text
 * right:  commit; acknowledge
 * here:   acknowledge; commit with the next batch, which may never come
 * ```
 *
 * @module
 */

import { ChangedLog } from "./changed_log.ts";
import { type PersistentBug, withLog } from "./persistent_bug.ts";

/** Every second batch waits for the one after it. */
class LazyLog extends ChangedLog {
  #commits = 0;

  override commit(): void {
    if (++this.#commits % 2 === 0) super.commit();
  }
}

/** Acknowledged means in memory. */
export const ackBeforeCommit: PersistentBug = {
  name: "ack-before-commit",
  explanation: "requests are acknowledged before they are on disk, so that a crash of the " +
    "coordinator takes away what senders were told is safe",
  caughtBy: "durable",
  makers: withLog((log) => new LazyLog(log)),
};
