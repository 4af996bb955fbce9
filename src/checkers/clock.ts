/**
 * Lamport's clock condition: if event a happened before event b, then C(a) < C(b).
 *
 * The events that the clock counts are multicasts and receipts from the wire. So, at each process,
 * the times of these strictly increase; and a message is received later than it was multicast.
 * Deliveries are not events of the clock: they only read it. So their times never decrease, may
 * equal each other's and those of the events around them, and none is before its own multicast.
 * (Deliveries are compared with deliveries: some logs note the message's timestamp there instead
 * of the process's clock, and that is right too.)
 *
 * Events without a time are left out; without any time at all the verdict is inconclusive: an
 * order that keeps no clock neither keeps nor breaks the condition. All that is checked is there
 * in black and white, so crashed, cut and damaged journals count as far as they go.
 *
 * Lamport 1978, section 1, conditions C1 and C2.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holds, inconclusive, type Verdict, violated } from "./verdict.ts";

const VERBS = ["multicast", "received", "delivered"] as const;
const MULTICAST = 0;
const RECEIVE = 1;
const DELIVER = 2;

/** Judges the clock condition, in time O(E) for E events. */
export function checkClock(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length === 0) return inconclusive("clock", "there is no journal");
  let timed = false;
  for (const log of index.logs) {
    const fault = findStandstill(log) ?? findBackInTime(log, index);
    if (fault !== null) return fault;
    timed ||= log.columns.time.some((time) => !Number.isNaN(time));
  }
  return timed ? holds("clock") : inconclusive("clock", "no journal notes a logical clock");
}

/** C1: finds two events of one process between which the clock did not go on. */
function findStandstill(log: DeliveryLog): Verdict | null {
  const { kind, time } = log.columns;
  let counted = -1; // The last event that the clock counts,
  let read = -1; // and the last delivery.
  for (let event = 0; event < kind.length; event++) {
    if (Number.isNaN(time[event]!)) continue;
    if (kind[event] === DELIVER) {
      if (read >= 0 && time[event]! < time[read]!) return describeStandstill(log, read, event);
      read = event;
    } else if (kind[event] === MULTICAST || kind[event] === RECEIVE) {
      if (counted >= 0 && !(time[event]! > time[counted]!)) {
        return describeStandstill(log, counted, event);
      }
      counted = event;
    }
  }
  return null;
}

function describeStandstill(log: DeliveryLog, before: number, after: number): Verdict {
  const { kind, time } = log.columns;
  const [first, second] = [nameEvent(log, before), nameEvent(log, after)];
  return violated(
    "clock",
    `process ${log.process} ${VERBS[kind[before]!]} ${first} at time ${time[before]}, ` +
      `then ${VERBS[kind[after]!]} ${second} at time ${time[after]}`,
    [
      { process: log.process, position: before, message: first },
      { process: log.process, position: after, message: second },
    ],
  );
}

/** C2: finds a message that was received no later, or delivered earlier, than it was multicast. */
function findBackInTime(log: DeliveryLog, index: MessageIndex): Verdict | null {
  const { kind, sender, seq, time } = log.columns;
  for (let event = 0; event < kind.length; event++) {
    if (kind[event] !== RECEIVE && kind[event] !== DELIVER) continue;
    const m = index.find(sender[event]!, seq[event]!);
    const multicast = m < 0 ? -1 : index.multicastEvents[m]!;
    if (multicast < 0) continue; // No journal says when it was multicast.
    const origin = index.logOf(sender[event]!)!;
    const sent = origin.columns.time[multicast]!;
    // Both comparisons are false where a time is missing.
    const back = kind[event] === RECEIVE ? time[event]! <= sent : time[event]! < sent;
    if (!back) continue;
    const message = nameEvent(log, event);
    return violated(
      "clock",
      `process ${log.process} ${VERBS[kind[event]!]} ${message} at time ${time[event]}, ` +
        `but process ${origin.process} multicast it at time ${sent}`,
      [
        { process: log.process, position: event, message },
        { process: origin.process, position: multicast, message },
      ],
    );
  }
  return null;
}

function nameEvent({ process, columns }: DeliveryLog, event: number): string {
  const sender = columns.kind[event] === MULTICAST ? process : columns.sender[event]!;
  return `${sender}:${columns.seq[event]}`;
}
