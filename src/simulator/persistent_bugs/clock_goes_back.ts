/**
 * ```text
 * right:  after a restart, time goes on from the latest time in the store
 * here:   after a restart, time is what the machine says
 * ```
 *
 * @module
 */

import { ChangedLog } from "./changed_log.ts";
import { type PersistentBug, withLog } from "./persistent_bug.ts";

class TimelessLog extends ChangedLog {
  override get lastAt(): number {
    return 0;
  }
}

/** The machine's clock is believed. */
export const clockGoesBack: PersistentBug = {
  name: "clock-goes-back",
  explanation:
    "a coordinator that starts again believes the machine's clock, which may have been " +
    "set back, so that later messages have earlier times",
  caughtBy: "order",
  makers: withLog((log) => new TimelessLog(log)),
};
