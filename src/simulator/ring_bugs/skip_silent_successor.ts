/**
 * ```text
 * right:  the next member is silent: have a token of a higher epoch made
 * here:   the next member is silent: send the token to the one after
 * ```
 *
 * @module
 */

import { type RingBug, withRules } from "./ring_bug.ts";

/** Silence is taken for absence. */
export const skipSilentSuccessor: RingBug = {
  name: "skip-silent-successor",
  explanation:
    "where the next member doesn't acknowledge the token, it is sent to the member after, so that " +
    "there are two where only the acknowledgements were lost",
  caughtBy: "one-token",
  makeRing: withRules({ afterSilence: "skip" }),
};
