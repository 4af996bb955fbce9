/**
 * The options that say what a run is, for those commands that start one.
 *
 * @module
 */

import { defaulted, maybe } from "./options.ts";
import { UsageError } from "./usage_error.ts";
import { byteSize } from "./values/byte_size.ts";
import { duration, interval } from "./values/duration.ts";
import { directory } from "./values/path.ts";
import { wholeNumber } from "./values/whole_number.ts";
import { word } from "./values/word.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const MIB_BYTES = 1024 * 1024;

/** The most messages that a process may multicast in a run. */
export const MESSAGES_MAX = 10_000_000;

/** The most processes that a group may have. */
const GROUP_SIZE_MAX = 200;

/** What processes may keep of a run. */
const LOGS = ["full", "none"] as const;

/** A value parser for how many messages each process multicasts. */
export function messageCount() {
  return wholeNumber("M", { min: 0, max: MESSAGES_MAX });
}

/** Refuses more senders than processes.
 *
 * @throws {UsageError} if both numbers are known and don't fit. */
export function checkSenders(senders: number | undefined, peers: number | undefined): void {
  if (senders !== undefined && peers !== undefined && senders > peers) {
    throw new UsageError(`--senders: there are only ${peers} processes, got ${senders}`);
  }
}

/** Refuses to keep logs that don't exist.
 *
 * @throws {UsageError} if there is a folder for logs, and none are kept. */
export function checkLog(log: typeof LOGS[number], out: string | undefined): void {
  if (log === "none" && out !== undefined) {
    throw new UsageError("--out: there are no logs to keep with --log none");
  }
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
    outstanding: maybe(
      "--outstanding",
      wholeNumber("N", { min: 1, max: MESSAGES_MAX }),
      "A process waits while it has multicast N messages that it has not delivered itself; 1 is " +
        "one after the other (default: as many as flow control lets it)",
    ),
    senders: maybe(
      "--senders",
      wholeNumber("N", { min: 1, max: GROUP_SIZE_MAX }),
      "Only the first N processes multicast, the others listen (default: all multicast)",
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
    log: defaulted(
      "--log",
      word({ metavar: "LOG", noun: "kind of log", known: LOGS }),
      "full",
      "What processes keep of a run: full, or none for runs too long for their memory, which are " +
        "judged by counts and fingerprints as far as these go",
    ),
    out: maybe("--out", directory(), "Keep the logs as DIR/ORDER/PROCESS.jsonl"),
  };
}
