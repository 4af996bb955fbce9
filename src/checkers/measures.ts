/**
 * How much disorder there is, in numbers.
 *
 * The measure of the original demo is the round out of order. It misleads alone: one message lost
 * early makes all later rounds differ. So beside it stand what was lost and duplicated, and how
 * many messages were moved and how many pairs inverted.
 *
 * Only processes that left a journal are compared, and `compared` says how many these are: what
 * the others delivered is not known, so nothing of it is lost or out of order.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { countInversions, countMoved } from "./displacement.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";

/** The measures of one run. All are counts; 0 is order. */
export interface Measures {
  /** How many processes left a journal and were compared. */
  compared: number;
  /** Different messages that were multicast. */
  messages: number;
  /** The length of the longest delivery log, duplicates included. */
  rounds: number;
  /** Rounds in which at least one process delivered something else than the others. A log that has
   * ended delivers nothing, and nothing is something else. */
  roundsOutOfOrder: number;
  /** Pairs of a message that was multicast and a process that never delivered it. */
  lost: number;
  /** Deliveries of a message that the process had delivered before. */
  duplicated: number;
  /** Against the reference log: how many messages would have to be taken out of each other log for
   * the rest to be in the reference's order. Summed over the logs; only common messages count. */
  moved: number;
  /** Against the reference log: pairs of common messages in the opposite order, summed over the
   * logs. */
  inversions: number;
}

/**
 * Measures a run, in time O(D log D) for D deliveries.
 *
 * The reference log is the longest one without its duplicates; of equals, that of the process with
 * the lowest number.
 */
export function measure(run: Run, index: MessageIndex = indexMessages(run)): Measures {
  const { logs } = index;
  const rounds = Math.max(0, ...logs.map(({ messages }) => messages.length));
  return {
    compared: logs.length,
    rounds,
    roundsOutOfOrder: countRoundsOutOfOrder(logs, rounds),
    ...countLost(index),
    duplicated: sum(logs.map(({ messages, firsts }) => messages.length - firsts.length)),
    ...countDisplaced(index),
  };
}

function countRoundsOutOfOrder(logs: readonly DeliveryLog[], rounds: number): number {
  const [reference, ...others] = logs;
  if (reference === undefined) return 0;
  const differs = new Uint8Array(rounds);
  for (const { messages } of others) {
    // Beyond its end, a typed array reads undefined: nothing.
    for (let i = 0; i < rounds; i++) {
      if (messages[i] !== reference.messages[i]) differs[i] = 1;
    }
  }
  return sum(differs);
}

function countLost(index: MessageIndex): Pick<Measures, "messages" | "lost"> {
  const deliveredBy = new Uint32Array(index.size);
  for (const { firsts } of index.logs) {
    for (const m of firsts) deliveredBy[m]!++;
  }
  let messages = 0;
  let lost = 0;
  for (let m = 0; m < index.size; m++) {
    // Where its sender's journal can't tell, a delivery shows that it was multicast.
    const wasMulticast = index.multicastEvents[m]! >= 0 ||
      (deliveredBy[m]! > 0 && !index.neverMulticast(m));
    if (!wasMulticast) continue;
    messages++;
    lost += index.logs.length - deliveredBy[m]!;
  }
  return { messages, lost };
}

function countDisplaced(index: MessageIndex): Pick<Measures, "moved" | "inversions"> {
  let moved = 0;
  let inversions = 0;
  const reference = index.logs.reduce<DeliveryLog | undefined>(
    (best, log) => best === undefined || log.firsts.length > best.firsts.length ? log : best,
    undefined,
  );
  if (reference === undefined) return { moved, inversions };
  const positions = index.positionsIn(reference);
  for (const log of index.logs) {
    if (log === reference) continue;
    const common = commonPositions(log, positions);
    const movedHere = countMoved(common);
    if (movedHere === 0) continue; // In order: no pair is inverted.
    moved += movedHere;
    inversions += countInversions(common);
  }
  return { moved, inversions };
}

/** The positions in the reference of what is in both logs, in the order of this one. */
function commonPositions({ firsts }: DeliveryLog, positions: Int32Array): Int32Array {
  const common = new Int32Array(firsts.length);
  let count = 0;
  for (const m of firsts) {
    if (positions[m]! >= 0) common[count++] = positions[m]!;
  }
  return common.subarray(0, count);
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
