/**
 * FIFO order: if a process multicasts m before m', no process delivers m' unless it has delivered
 * m before.
 *
 * A sender's messages are counted from 1, so each process must deliver 1, 2, 3 ... of each sender.
 * There are two ways to break it, and the witness says which: m comes *late*, after m'; or there
 * is a *gap*, and m never comes. A gap is a violation too, even of an order that may lose
 * messages: the definition asks that m was delivered, not that it was delivered first or lost.
 *
 * A process that crashed is held to the same (its journal is a true beginning). In a damaged
 * journal a gap may be a line that could not be read: inconclusive.
 *
 * Hadzilacos and Toueg 1994, section 3.2.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import {
  holdsUnless,
  inconclusive,
  type Property,
  type Sighting,
  type Verdict,
  violated,
} from "./verdict.ts";

/** Judges FIFO order, in time O(D) for D deliveries. */
export function checkFifo(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  return judgeFifo("fifo", index);
}

/** Judges FIFO order on behalf of a property that includes it. */
export function judgeFifo(property: Property, index: MessageIndex): Verdict {
  if (index.logs.length === 0) return inconclusive(property, "there is no journal");
  let doubt: string | null = null;
  for (const log of index.logs) {
    const late = log.damaged ? findLate(log, index) : findOutOfTurn(log, index);
    if (late !== null) return describe(property, log, late, index);
    if (log.damaged) doubt ??= findGap(log, index);
  }
  return holdsUnless(property, doubt);
}

/** `delivered` came before message `seq` of the same sender, which was multicast earlier. */
interface OutOfTurn {
  delivered: number;
  seq: number;
}

/** Finds the first message that is not the next expected one of its sender. */
function findOutOfTurn(log: DeliveryLog, index: MessageIndex): OutOfTurn | null {
  const expected = new Map<ProcessId, number>();
  let sender = -1;
  let next = 1;
  for (const m of log.firsts) {
    const seq = index.seqOf(m);
    if (seq === 0) continue; // Nobody's message: integrity reports it.
    if (index.senderOf(m) !== sender) {
      expected.set(sender, next);
      sender = index.senderOf(m);
      next = expected.get(sender) ?? 1;
    }
    if (seq !== next) return { delivered: m, seq: next };
    next++;
  }
  return null;
}

/** Finds the first message that came after a later one of its sender; gaps are ignored. */
function findLate(log: DeliveryLog, index: MessageIndex): OutOfTurn | null {
  const latest = new Map<ProcessId, number>();
  for (const m of log.firsts) {
    const seq = index.seqOf(m);
    if (seq === 0) continue; // Nobody's message: integrity reports it.
    const before = latest.get(index.senderOf(m));
    if (before !== undefined && index.seqOf(before) > seq) return { delivered: before, seq };
    latest.set(index.senderOf(m), m);
  }
  return null;
}

/** Finds a gap in a damaged log in which nothing comes late. */
function findGap(log: DeliveryLog, index: MessageIndex): string | null {
  const gap = findOutOfTurn(log, index);
  return gap && `process ${log.process}'s damaged journal has ${index.nameOf(gap.delivered)} ` +
      `without ${index.senderOf(gap.delivered)}:${gap.seq}`;
}

function describe(
  property: Property,
  log: DeliveryLog,
  { delivered, seq }: OutOfTurn,
  index: MessageIndex,
): Verdict {
  const sender = index.senderOf(delivered);
  const message = `${sender}:${seq}`;
  const earlier = index.find(sender, seq);
  const sighting: Sighting = earlier < 0
    ? { process: log.process, position: -1, message }
    : index.sight(log, earlier);
  const fault = sighting.position < 0 ? "but never" : "before";
  return violated(
    property,
    `process ${log.process} delivered ${index.nameOf(delivered)} ${fault} ${message}, ` +
      `which process ${sender} multicast earlier`,
    [index.sight(log, delivered), sighting],
  );
}
