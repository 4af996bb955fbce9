/**
 * ```text
 * right:  fencing number = epoch, then grants within it
 * here:   fencing number = grants within the epoch
 * ```
 *
 * @module
 */

import { GRANTS_PER_EPOCH } from "../../protocols/token_ring/messages.ts";
import { makeRealRing } from "../ring_options.ts";
import type { RingBug } from "./ring_bug.ts";

/** Counts anew with each token. */
export const fenceRestarts: RingBug = {
  name: "fence-restarts",
  explanation:
    "fencing numbers count the grants of a token, and begin anew with the next one, so that a resource " +
    "takes a paused holder's late writes for the latest ones",
  caughtBy: "fencing",
  makeRing: (options, outbox, ...world) =>
    makeRealRing(
      options,
      {
        ...outbox,
        granted: (request, fence, until) =>
          outbox.granted(request, fence % GRANTS_PER_EPOCH, until),
      },
      ...world,
    ),
};
