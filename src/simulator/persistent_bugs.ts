/**
 * Mistakes in persistent multicast to watch: small variations of the real protocol, each wrong in one
 * point. Most of them stand in real programs.
 *
 * @module
 */

import { ackBeforeCommit } from "./persistent_bugs/ack_before_commit.ts";
import { ackBeforeLog } from "./persistent_bugs/ack_before_log.ts";
import { clockGoesBack } from "./persistent_bugs/clock_goes_back.ts";
import { dedupForgotten } from "./persistent_bugs/dedup_forgotten.ts";
import { onlineBeforeReplay } from "./persistent_bugs/online_before_replay.ts";
import type { PersistentBug } from "./persistent_bugs/persistent_bug.ts";
import { replayToOldPort } from "./persistent_bugs/replay_to_old_port.ts";
import { retryStoredTwice } from "./persistent_bugs/retry_stored_twice.ts";
import { secondsInsteadOfMilliseconds } from "./persistent_bugs/seconds_instead_of_milliseconds.ts";
import { senderLeftOut } from "./persistent_bugs/sender_left_out.ts";
import { tdAsCount } from "./persistent_bugs/td_as_count.ts";

export type { PersistentBug };

/** The mistakes in persistent multicast, by name. */
export const PERSISTENT_BUGS: ReadonlyMap<string, PersistentBug> = new Map(
  [
    ackBeforeCommit,
    onlineBeforeReplay,
    secondsInsteadOfMilliseconds,
    dedupForgotten,
    ackBeforeLog,
    retryStoredTwice,
    tdAsCount,
    replayToOldPort,
    senderLeftOut,
    clockGoesBack,
  ].map((bug) => [bug.name, bug]),
);
