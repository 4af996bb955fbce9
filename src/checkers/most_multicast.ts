/**
 * How many messages each process was meant to multicast, as far as logs tell.
 *
 * @module
 */

import type { Run } from "../history/run.ts";

/** How many messages the busiest process multicast. */
export function mostMulticast({ journals }: Run): number {
  let most = 0;
  for (const journal of journals.values()) {
    let count = 0;
    for (let i = 0; i < journal.length; i++) {
      if (journal.kindAt(i) === "multicast") count++;
    }
    most = Math.max(most, count);
  }
  return most;
}
