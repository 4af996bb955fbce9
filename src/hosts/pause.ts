/**
 * Waiting for a while.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";

/** Resolves after `ms` milliseconds. */
export async function pause(ms: Millis): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.ceil(ms))));
}
