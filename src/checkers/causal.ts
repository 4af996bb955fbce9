/**
 * Causal order: if the multicast of m happened before the multicast of m', no process delivers m'
 * unless it has delivered m before.
 *
 * What happened before what is computed from the journals alone, never from the protocol's clocks,
 * which may be what is broken: m' depends on everything that its sender multicast or *delivered*
 * before (what was only received, and still held back, does not count). It is enough to look at
 * these direct dependencies. If a chain m → m1 → m' is delivered out of order somewhere, then so
 * is m → m1 or m1 → m'.
 *
 * As for FIFO, a dependency that is never delivered is a violation as well as one that comes late.
 * What is not there proves nothing in a damaged journal; and what a message of a process without
 * a journal depends on is not known. Both make the verdict inconclusive.
 *
 * **How.** For a sender p and a process q, walk through p's journal and remember the last position
 * at q of all that p has delivered and multicast so far; if p then multicasts a message that q
 * delivered before that position, q has broken the order. O(N·D) for N processes and D deliveries.
 *
 * Hadzilacos and Toueg 1994, section 3.3; Lamport 1978, section 1.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { judgeFifo } from "./fifo.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holdsUnless, type Verdict, violated } from "./verdict.ts";

/** Judges causal order, in time O(N·D) for N processes and D deliveries. */
export function checkCausal(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  const fifo = judgeFifo("causal", index);
  if (fifo.outcome === "violated") return fifo;
  let doubt = fifo.reason;
  for (const receiver of index.logs) {
    for (const sender of index.logs) {
      const fault = findFault(sender, receiver, index);
      if (fault === null) continue;
      if (!fault.excused) return describe(sender, receiver, fault, index);
      doubt ??= `process ${receiver.process}'s damaged journal has ` +
        `${index.nameOf(fault.delivered)} without ${index.nameOf(fault.dependency)}`;
    }
  }
  return holdsUnless("causal", doubt ?? findUnknown(index));
}

/** `receiver` delivered a message before, or without, what it depends on. */
interface Fault {
  delivered: number;
  dependency: number;
  /** The dependency may be in a hole of the receiver's journal. */
  excused: boolean;
}

function findFault(
  sender: DeliveryLog,
  receiver: DeliveryLog,
  index: MessageIndex,
): Fault | null {
  const positions = index.positionsIn(receiver);
  let last = -1; // The last position, at the receiver, of all dependencies so far,
  let lastDependency = -1; // and which one that is.
  let never = -1; // A dependency that the receiver never delivered.
  let excused: Fault | null = null;
  for (const deed of sender.deeds) {
    const m = deed < 0 ? ~deed : deed;
    const position = positions[m]!;
    if (deed < 0 && position >= 0) {
      if (last > position) return { delivered: m, dependency: lastDependency, excused: false };
      if (never >= 0) {
        const fault = { delivered: m, dependency: never, excused: receiver.damaged };
        if (!receiver.damaged) return fault;
        excused ??= fault;
      }
    }
    if (position < 0) {
      if (never < 0) never = m;
    } else if (position > last) {
      last = position;
      lastDependency = m;
    }
  }
  return excused;
}

function describe(
  sender: DeliveryLog,
  receiver: DeliveryLog,
  { delivered, dependency }: Fault,
  index: MessageIndex,
): Verdict {
  const late = index.sight(receiver, dependency);
  const fault = late.position < 0 ? "but never" : "before";
  const did = index.senderOf(dependency) === sender.process ? "multicast" : "delivered";
  const message = index.nameOf(delivered);
  return violated(
    "causal",
    `process ${receiver.process} delivered ${message} ${fault} ${late.message}, ` +
      `which process ${sender.process} had ${did} before it multicast ${message}`,
    [index.sight(receiver, delivered), late],
  );
}

/** Finds a delivered message whose sender's journal does not show its multicast, and could. */
function findUnknown(index: MessageIndex): string | null {
  for (const log of index.logs) {
    for (const m of log.firsts) {
      if (index.multicastEvents[m]! >= 0 || index.neverMulticast(m)) continue;
      return `no journal shows what ${index.nameOf(m)}, delivered by process ${log.process}, ` +
        "depends on";
    }
  }
  return null;
}
