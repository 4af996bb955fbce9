/**
 * The lines that a chat generates: a few words each, drawn at random.
 *
 * @module
 */

import type { Random } from "../protocols/random.ts";

const WORDS = [
  ...["amber", "anchor", "apple", "barrel", "basket", "beacon", "birch", "bridge", "candle"],
  ...["canyon", "cedar", "clock", "cloud", "copper", "coral", "desert", "drum", "ember"],
  ...["falcon", "feather", "fern", "forest", "garden", "glacier", "harbor", "hazel", "island"],
  ...["ivory", "jacket", "kettle", "lantern", "lemon", "marble", "meadow", "mirror", "moss"],
  ...["nickel", "north", "oak", "orchard", "paper", "pebble", "pepper", "quartz", "rain"],
  ...["raven", "river", "saddle", "salt", "silver", "stone", "thunder", "tiger", "timber"],
  ...["umber", "valley", "velvet", "violet", "walnut", "water", "willow", "window", "winter"],
] as const;

const WORDS_MIN = 1;
const WORDS_MAX = 5;

/** A line of 1 to 5 words. */
export function randomLine(random: Random): string {
  const count = WORDS_MIN + random.below(WORDS_MAX - WORDS_MIN + 1);
  return Array.from({ length: count }, () => WORDS[random.below(WORDS.length)]).join(" ");
}
