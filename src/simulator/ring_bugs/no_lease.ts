/**
 * ```text
 * right:  who has the lock uses it while its lease lasts
 * here:   who has the lock uses it until it is done
 * ```
 *
 * @module
 */

import { makeRealRing } from "../ring_options.ts";
import type { RingBug } from "./ring_bug.ts";

/** As locks by ephemeral keys are often used: whoever runs goes on. */
export const noLease: RingBug = {
  name: "no-lease",
  explanation:
    "what uses the lock is not ended when the lease is over, so that it goes on beside the next holder " +
    "after a pause, a crash or a partition",
  caughtBy: "exclusion",
  makeRing: (options, outbox, ...world) =>
    makeRealRing(
      options,
      {
        ...outbox,
        granted: (request, fence) => outbox.granted(request, fence, FOREVER_MS),
        extended: () => {},
        lost: () => {},
      },
      ...world,
    ),
};

/** By any clock, after every run. */
const FOREVER_MS = 1e12;
