/**
 * Mistakes to watch: small variations of the real protocols, each wrong in one point. They show why
 * the point matters, and that the checkers see it.
 *
 * @module
 */

import { ackBeforeFifo } from "./bugs/ack_before_fifo.ts";
import type { Bug } from "./bugs/bug.ts";
import { clockNeverMerged } from "./bugs/clock_never_merged.ts";
import { deliverWithoutAcks } from "./bugs/deliver_without_acks.ts";
import { dependenciesIgnored } from "./bugs/dependencies_ignored.ts";
import { noDuplicateCheck } from "./bugs/no_duplicate_check.ts";
import { noRetransmission } from "./bugs/no_retransmission.ts";
import { noTieBreak } from "./bugs/no_tie_break.ts";
import { numberingTwice } from "./bugs/numbering_twice.ts";
import { sortAtEnd } from "./bugs/sort_at_end.ts";
import { stopOvertakes } from "./bugs/stop_overtakes.ts";
import { thirdPartyAckLost } from "./bugs/third_party_ack_lost.ts";

export type { Bug };

/** The mistakes in multicast orders, by name. */
export const ORDER_BUGS: ReadonlyMap<string, Bug> = new Map(
  [
    noTieBreak,
    clockNeverMerged,
    deliverWithoutAcks,
    ackBeforeFifo,
    noDuplicateCheck,
    noRetransmission,
    thirdPartyAckLost,
    stopOvertakes,
    sortAtEnd,
    dependenciesIgnored,
    numberingTwice,
  ].map((bug) => [bug.name, bug]),
);
