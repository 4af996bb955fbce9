/**
 * Mistakes in a token ring to watch: small variations of the real protocol, each wrong in one point.
 *
 * @module
 */

import { duplicateTokenTaken } from "./ring_bugs/duplicate_token_taken.ts";
import { fenceRestarts } from "./ring_bugs/fence_restarts.ts";
import { leaseFromAnswer } from "./ring_bugs/lease_from_answer.ts";
import { leaseWithoutDrift } from "./ring_bugs/lease_without_drift.ts";
import { leaveForgetsSupport } from "./ring_bugs/leave_forgets_support.ts";
import { noEpoch } from "./ring_bugs/no_epoch.ts";
import { noLease } from "./ring_bugs/no_lease.ts";
import { noQuarantine } from "./ring_bugs/no_quarantine.ts";
import { regenerateWithoutQuorum } from "./ring_bugs/regenerate_without_quorum.ts";
import type { RingBug } from "./ring_bugs/ring_bug.ts";
import { skipSilentSuccessor } from "./ring_bugs/skip_silent_successor.ts";
import { startTwice } from "./ring_bugs/start_twice.ts";
import { tokenToAnybody } from "./ring_bugs/token_to_anybody.ts";
import { unlockForges } from "./ring_bugs/unlock_forges.ts";
import { voteForgotten } from "./ring_bugs/vote_forgotten.ts";

export type { RingBug };

/** The mistakes in a token ring, by name. */
export const RING_BUGS: ReadonlyMap<string, RingBug> = new Map(
  [
    startTwice,
    unlockForges,
    regenerateWithoutQuorum,
    noEpoch,
    skipSilentSuccessor,
    duplicateTokenTaken,
    tokenToAnybody,
    voteForgotten,
    noQuarantine,
    leaveForgetsSupport,
    noLease,
    leaseFromAnswer,
    leaseWithoutDrift,
    fenceRestarts,
  ].map((bug) => [bug.name, bug]),
);
