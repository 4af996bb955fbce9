/**
 * What stands for a journal in the `end` of a run that keeps no logs: counts and fingerprints of a
 * process's deliveries.
 *
 * @module
 */

import { MAX_GROUP_SIZE } from "../protocols/frame.ts";
import type { ProcessId } from "../protocols/process.ts";
import { array, type Check, integer, nullable, number, record } from "./validation.ts";

/** A delivery: which message, and where it stands among the deliveries, counted from 0. */
export interface Sighting {
  readonly sender: ProcessId;
  readonly seq: number;
  readonly position: number;
}

/** The deliveries of one sender's messages. */
export interface SenderCounts {
  /** All deliveries. */
  readonly delivered: number;
  /** The highest sequence number among them, 0 without any. */
  readonly highest: number;
  /** Those that skipped numbers above the highest so far. */
  readonly skips: number;
  /** Those of what had been delivered before. */
  readonly repeated: number;
  /** Those of which that can't be told any more. */
  readonly unplaced: number;
}

/** A process's deliveries; history's `DigestSummary` fits. */
export interface Digest {
  /** How many messages the process multicast. */
  readonly multicast: number;
  /** One for each process of the run. */
  readonly senders: readonly SenderCounts[];
  /** 16 hexadecimal digits, of the deliveries without those repeated, in their order. */
  readonly sequenceHash: string;
  /** The same, whatever their order. */
  readonly setHash: string;
  /** Milliseconds since the epoch; null without deliveries. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** The first delivery of each kind: one that skipped numbers, one of what had been delivered
   * before, one of an own message before its multicast. */
  readonly firstSkip: Sighting | null;
  readonly firstRepeat: Sighting | null;
  readonly firstEarly: Sighting | null;
}

const count = integer(0, Number.MAX_SAFE_INTEGER);
const seq = integer(0, 2 ** 32 - 1);
const time = nullable(number(0, Number.MAX_SAFE_INTEGER));

const hash: Check<string> = (value, field) => {
  if (typeof value !== "string" || !/^[0-9a-f]{16}$/.test(value)) {
    throw new TypeError(`Field ${field} must be 16 hexadecimal digits`);
  }
  return value;
};

const sighting: Check<Sighting | null> = nullable(record<Sighting>({
  sender: integer(0, MAX_GROUP_SIZE - 1),
  seq,
  position: count,
}));

const counts = record<SenderCounts>({
  delivered: count,
  highest: seq,
  skips: count,
  repeated: count,
  unplaced: count,
});

/** Counts that can be those of some deliveries: checkers reckon with them. */
const senderCounts: Check<SenderCounts> = (value, field) => {
  const checked = counts(value, field);
  const { delivered, highest, skips, repeated, unplaced } = checked;
  const placed = delivered - repeated - unplaced;
  const isPossible = placed >= 0 && placed <= highest && skips <= placed &&
    (skips > 0 || (placed === highest && unplaced === 0));
  if (!isPossible) throw new TypeError(`Field ${field} must hold counts that fit each other`);
  return checked;
};

/** Checks a digest. */
export const digest: Check<Digest> = record<Digest>({
  multicast: seq,
  senders: array(senderCounts, MAX_GROUP_SIZE),
  sequenceHash: hash,
  setHash: hash,
  firstAt: time,
  lastAt: time,
  firstSkip: sighting,
  firstRepeat: sighting,
  firstEarly: sighting,
});
