/**
 * Judges a token ring by what was seen of it.
 *
 * @module
 */

import type { RingHistory } from "../../history/ring_history.ts";
import { checkAlive } from "./alive.ts";
import { checkExclusion } from "./exclusion.ts";
import { checkFencing } from "./fencing.ts";
import { checkOneToken } from "./one_token.ts";
import { checkRotation } from "./rotation.ts";
import { checkServed } from "./served.ts";
import type { RingViolation } from "./verdict.ts";

const CHECKS = [
  checkExclusion,
  checkFencing,
  checkOneToken,
  checkAlive,
  checkServed,
  checkRotation,
];

/** Returns at most one violation of each property, in their order; none if everything was kept. */
export function judgeRing(history: RingHistory): RingViolation[] {
  return CHECKS.flatMap((check) => check(history) ?? []);
}
