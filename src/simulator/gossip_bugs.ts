/**
 * Mistakes in a gossip network to watch: small variations of the real protocol, each wrong in one point.
 *
 * @module
 */

import { cutsLongRumors } from "./gossip_bugs/cuts_long_rumors.ts";
import { deadAtOnce } from "./gossip_bugs/dead_at_once.ts";
import { forgetsSeen } from "./gossip_bugs/forgets_seen.ts";
import type { GossipBug } from "./gossip_bugs/gossip_bug.ts";
import { greetsAgain } from "./gossip_bugs/greets_again.ts";
import { highestOnly } from "./gossip_bugs/highest_only.ts";
import { keepsEverything } from "./gossip_bugs/keeps_everything.ts";
import { neverStops } from "./gossip_bugs/never_stops.ts";
import { noAntiEntropy } from "./gossip_bugs/no_anti_entropy.ts";
import { noRefutation } from "./gossip_bugs/no_refutation.ts";
import { noRejoin } from "./gossip_bugs/no_rejoin.ts";
import { tellsEverybody } from "./gossip_bugs/tells_everybody.ts";
import { waitsForEver } from "./gossip_bugs/waits_for_ever.ts";

export type { GossipBug };

/** The mistakes in a gossip network, by name. */
export const GOSSIP_BUGS: ReadonlyMap<string, GossipBug> = new Map(
  [
    neverStops,
    forgetsSeen,
    noAntiEntropy,
    highestOnly,
    cutsLongRumors,
    keepsEverything,
    tellsEverybody,
    greetsAgain,
    noRefutation,
    noRejoin,
    deadAtOnce,
    waitsForEver,
  ].map((bug) => [bug.name, bug]),
);
