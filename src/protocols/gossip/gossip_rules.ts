/**
 * The rules that reaching everybody rests on, which a simulated mistake exchanges.
 *
 * @module
 */

/** See {@linkcode GOSSIP_RULES}. */
export interface GossipRules {
  /** Whether a rumor that was had before is none. */
  readonly remembersSeen: boolean;
  /** Whether nodes exchange all that they have. */
  readonly hasAntiEntropy: boolean;
  /** Whether spreading a rumor comes to an end. */
  readonly losesInterest: boolean;
}

/** As they should be. */
export const GOSSIP_RULES: GossipRules = {
  remembersSeen: true,
  hasAntiEntropy: true,
  losesInterest: true,
};
