/**
 * The rules on which the safety of a token ring rests, in one place: a simulated mistake exchanges one
 * of them.
 *
 * @module
 */

/** The rules. */
export interface RingRules {
  /** How many votes make a token. */
  votesNeeded(nodes: number): number;
  /** Whether a token is dead for who has heard of, or voted in, epoch `highest`. */
  isDead(epoch: number, highest: number): boolean;
  /** What to do if the next member doesn't acknowledge the token: have a new one made, or send it to
   * the member after. */
  readonly afterSilence: "campaign" | "skip";
}

/** More than half of the machines: two majorities have a machine in common. */
export function majorityOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/** The real rules. */
export const RING_RULES: RingRules = {
  votesNeeded: majorityOf,
  isDead: (epoch, highest) => epoch < highest,
  afterSilence: "campaign",
};
