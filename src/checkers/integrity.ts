/**
 * Integrity: a process delivers a message at most once, and only if it was multicast before.
 *
 * Every delivery counts, also those of processes that crashed later. Whether a message was
 * multicast is known from its sender's journal alone: where that journal is missing, incomplete or
 * damaged and does not mention the message, nothing is proved, and the verdict is inconclusive.
 * The same goes for logs in which nobody notes a multicast at all. Across processes "before" is
 * for the causal checker; at the sender itself it is checked here.
 *
 * Hadzilacos and Toueg 1994, section 3.1.
 *
 * @module
 */

import type { Run } from "../history/run.ts";
import { type DeliveryLog, indexMessages, type MessageIndex } from "./message_index.ts";
import { holdsUnless, inconclusive, type Verdict, violated } from "./verdict.ts";

/** Judges integrity, in time O(D) for D deliveries. */
export function checkIntegrity(run: Run, index: MessageIndex = indexMessages(run)): Verdict {
  if (index.logs.length === 0) return inconclusive("integrity", "there is no journal");
  let doubt: string | null = null;
  for (const log of index.logs) {
    const fault = findDuplicate(log, index) ?? findUnknown(log, index) ?? findEarly(log, index);
    if (fault !== null) return fault;
    doubt ??= findUnvouched(log, index);
  }
  return holdsUnless("integrity", doubt);
}

function findDuplicate(log: DeliveryLog, index: MessageIndex): Verdict | null {
  const { messages, firsts } = log;
  if (messages.length === firsts.length) return null;
  // Up to the first duplicate, both arrays are the same.
  let second = 0;
  while (messages[second] === firsts[second]) second++;
  const m = messages[second]!;
  const message = index.nameOf(m);
  return violated("integrity", `process ${log.process} delivered ${message} twice`, [
    index.sight(log, m),
    { process: log.process, position: second, message },
  ]);
}

function findUnknown(log: DeliveryLog, index: MessageIndex): Verdict | null {
  for (const m of log.firsts) {
    if (!index.neverMulticast(m)) continue;
    const sender = index.senderOf(m);
    const why = index.logOf(sender) === undefined
      ? `but the group has no process ${sender}`
      : `which process ${sender} never multicast`;
    return violated(
      "integrity",
      `process ${log.process} delivered ${index.nameOf(m)}, ${why}`,
      [index.sight(log, m)],
    );
  }
  return null;
}

/** Finds a message that its sender delivered before it multicast it. */
function findEarly(log: DeliveryLog, index: MessageIndex): Verdict | null {
  const positions = index.positionsIn(log);
  let delivered = 0;
  for (const deed of log.deeds) {
    if (deed >= 0) {
      delivered++;
      continue;
    }
    const position = positions[~deed]!;
    if (position < 0 || position >= delivered) continue;
    return violated(
      "integrity",
      `process ${log.process} delivered its own ${index.nameOf(~deed)} before it multicast it`,
      [index.sight(log, ~deed)],
    );
  }
  return null;
}

/** Finds a message of which no journal can tell whether it was multicast. */
function findUnvouched(log: DeliveryLog, index: MessageIndex): string | null {
  if (!index.multicastsNoted && log.firsts.length > 0) return "no journal notes a multicast";
  for (const m of log.firsts) {
    if (index.multicastEvents[m]! >= 0) continue;
    const sender = index.senderOf(m);
    return `process ${log.process} delivered ${index.nameOf(m)}, and process ${sender} left no ` +
      "complete journal to say whether it multicast it";
  }
  return null;
}
