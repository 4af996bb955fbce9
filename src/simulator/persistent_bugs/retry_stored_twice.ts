/**
 * ```text
 * right:  a request that was granted before gets the same answer, and nothing else happens
 * here:   it is granted again
 * ```
 *
 * @module
 */

import { ChangedLog } from "./changed_log.ts";
import { type PersistentBug, withLog } from "./persistent_bug.ts";

class ForgetfulLog extends ChangedLog {
  override seqOfRequest(): undefined {
    return undefined;
  }
}

/** Two messages instead of one. */
export const retryStoredTwice: PersistentBug = {
  name: "retry-stored-twice",
  explanation: "the coordinator doesn't know a request again, so that a message whose " +
    "acknowledgement was lost is multicast twice",
  caughtBy: "once",
  makers: withLog((log) => new ForgetfulLog(log)),
};
