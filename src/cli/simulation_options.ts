/**
 * The options that all simulations have.
 *
 * @module
 */

import { maybe, toggle } from "./options.ts";
import { UsageError } from "./usage_error.ts";
import { runCount } from "./values/run_count.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** The value of `--bug` that asks which there are. */
export const LIST = "list";

/** Which runs, and how many. */
export const campaignOptions = {
  seed: maybe(
    "--seed",
    wholeNumber("SEED", { min: 0, max: 0xffff_ffff }),
    "Seed of the first run (default: a new one, which is printed); the next run has the next one",
  ),
  runs: maybe(
    "--runs",
    runCount(),
    "Runs, or forever, which is until it is stopped (default: 1; with --bug until it is caught, " +
      "but at most 1000)",
  ),
  swarm: toggle(["--swarm"], "Draw group, load and faults from each seed"),
  each: toggle(["--each"], "Tell of each run, with its hash"),
};

/** Refuses a mean delay below the minimum.
 *
 * @throws {UsageError} if both are given like that. */
export function checkDelays(
  { delayMin, delayMean }: {
    readonly delayMin?: number | undefined;
    readonly delayMean?: number | undefined;
  },
): void {
  if (delayMin !== undefined && delayMean !== undefined && delayMean < delayMin) {
    throw new UsageError("--delay-mean: is below --delay-min");
  }
}
