/**
 * What an epidemic is like.
 *
 * @module
 */

import type { MongeringOptions } from "../protocols/gossip/gossip_options.ts";
import type { MongeringRules } from "../protocols/gossip/rumor_mongering.ts";

export { GOSSIP_MODES } from "../protocols/gossip/gossip_options.ts";
export type { MongeringOptions };

/** An epidemic. */
export interface EpidemicOptions extends MongeringOptions {
  /** From 2 to 2^20. */
  readonly nodes: number;
  /** So many partners in a cycle, fewer than there are nodes. */
  readonly fanout: number;
  /** Other rules than the real ones, for a simulated mistake. */
  readonly rules?: MongeringRules;
}
