/**
 * Judges a persistent multicast by what was seen of it.
 *
 * @module
 */

import type { PersistentHistory } from "../../history/persistent_history.ts";
import { checkLogs } from "./logs.ts";
import { checkDurable, checkSequence, storedMessages } from "./stored_messages.ts";
import { checkTdRule } from "./td_rule.ts";
import { PERSISTENT_PROPERTIES, type PersistentViolation } from "./verdict.ts";

/** Returns at most one violation of each property; none if everything was kept. */
export function judgePersistent(history: PersistentHistory): PersistentViolation[] {
  const stored = storedMessages(history);
  const found = [
    checkDurable(history, stored),
    checkSequence(history),
    ...checkLogs(history, stored),
    ...checkTdRule(history, stored),
  ];
  return PERSISTENT_PROPERTIES.flatMap((property) =>
    found.find((violation) => violation?.property === property) ?? []
  );
}
