/**
 * The options that say how rumors spread and come to rest.
 *
 * @module
 */

import { GOSSIP_MODES, type MongeringOptions } from "../simulator/epidemic_options.ts";
import { defaulted, toggle } from "./options.ts";
import { UsageError } from "./usage_error.ts";
import { word } from "./values/word.ts";

/** How large `k` may be. */
export const K_MAX = 1000;

/** What they are where nothing is said. */
export const MONGERING_DEFAULTS = {
  mode: "push",
  feedback: false,
  blind: false,
  stop: "counter",
} as const;

/** All of them but `--k`. */
export const mongeringOptions = {
  mode: defaulted(
    "--mode",
    word({ metavar: "MODE", noun: "mode", known: GOSSIP_MODES }),
    MONGERING_DEFAULTS.mode,
    "Who knows a rumor tells it (push), or is asked for it (pull), or both (push-pull)",
  ),
  feedback: toggle(
    ["--feedback"],
    "Lose interest in a rumor by meeting who knows it already; this is the default",
  ),
  blind: toggle(["--blind"], "Lose interest in a rumor merely by telling it"),
  stop: defaulted(
    "--stop",
    word({ metavar: "RULE", noun: "rule", known: ["counter", "coin"] as const }),
    MONGERING_DEFAULTS.stop,
    "Stop after k such times in a row (counter), or each time with a chance of 1 in k (coin)",
  ),
};

/** What `--feedback` and `--blind` come to. */
export function reactionOf({ blind }: { readonly blind: boolean }): MongeringOptions["reaction"] {
  return blind ? "blind" : "feedback";
}

/** Refuses both reactions at a time.
 *
 * @throws {UsageError} if both are given. */
export function checkReaction(
  { feedback, blind }: { readonly feedback: boolean; readonly blind: boolean },
): void {
  if (feedback && blind) throw new UsageError("--feedback and --blind cannot be used together");
}
