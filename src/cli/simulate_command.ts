/**
 * `mpcomm simulate`: the name under which all simulations are found.
 *
 * @module
 */

import type { Example } from "./command.ts";
import { type OutputOptions, outputOptions } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** What follows `mpcomm`. */
export const usage = [
  "simulate order [OPTIONS]",
  "simulate persistent [OPTIONS]",
  "simulate tokenring [OPTIONS]",
  "simulate gossip [OPTIONS]",
];

/** What the command does. */
export const description = [
  "Runs the protocols in a simulated world: in virtual time, under faults, everything drawn from " +
  "a seed, so that whatever goes wrong can be repeated exactly.",
];

/** Reads the options. */
export const parser = outputOptions;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "simulate --help", does: "what there is to simulate" },
];

/** There is nothing to do without a protocol. */
export function run(_options: OutputOptions): Promise<number> {
  throw new UsageError(
    "no protocol: begin with 'mpcomm simulate order', 'mpcomm simulate persistent', " +
      "'mpcomm simulate tokenring' or 'mpcomm simulate gossip'",
  );
}
