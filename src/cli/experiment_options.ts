/**
 * The options that say what a run is, for those commands that start one.
 *
 * @module
 */

import { defaulted, maybe } from "./options.ts";
import { byteSize } from "./values/byte_size.ts";
import { duration, interval } from "./values/duration.ts";
import { directory } from "./values/path.ts";
import { wholeNumber } from "./values/whole_number.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const MIB_BYTES = 1024 * 1024;

/** The most messages that a process may multicast in a run. */
export const MESSAGES_MAX = 10_000_000;

/** A value parser for how many messages each process multicasts. */
export function messageCount() {
  return wholeNumber("M", { min: 0, max: MESSAGES_MAX });
}

/** The options of a run that `compare` and `lab` share, new ones at each call: each parser owns
 * its options. */
export function experimentOptions() {
  return {
    interval: defaulted(
      "--interval",
      interval(HOUR_MS),
      { minMs: 5, maxMs: 20 },
      "Time between two multicasts of a process, drawn from a range such as 5-20ms, or always " +
        "the same; 0ms means as fast as flow control lets it",
    ),
    payloadBytes: defaulted(
      "--payload",
      byteSize({ min: 0, max: MIB_BYTES }),
      100,
      "Size of a message in bytes, or as in 64KiB and 1MiB",
    ),
    seed: maybe(
      "--seed",
      wholeNumber("SEED", { min: 0, max: 0xffff_ffff }),
      "Seed of all random numbers (default: a new one, which is printed)",
    ),
    timeoutMs: defaulted(
      "--timeout",
      duration({ minMs: 1, maxMs: 24 * HOUR_MS }),
      120 * SECOND_MS,
      "Give up on a run of one order after this time, and judge what there is",
    ),
    out: maybe("--out", directory(), "Keep the logs as DIR/ORDER/PROCESS.jsonl"),
  };
}
