/**
 * Whether everybody has everything in the end.
 *
 * @module
 */

import {
  type GossipHistory,
  type GossipNodeKnowledge,
  rumorKey,
  type SaidRumor,
} from "../../history/gossip_history.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { formatRumor, type GossipViolation } from "./verdict.ts";

/**
 * Checks that each process that is up in the end has heard every rumor that is in the list of any of
 * them. What such a process has said itself is in its list, as `kept` checks, unless the list was too
 * short. A run that ended before all was well shows nothing.
 */
export function checkEverywhere(history: GossipHistory): GossipViolation | null {
  if (history.settledAt === Infinity) return null;
  const heard = heardByRun(history);
  const up = [...history.knowledge.entries()].filter(isUp);
  const missing: { readonly rumor: SaidRumor; readonly at: ProcessId[] }[] = [];
  const rumors = listed(up.map(([, known]) => known));
  let misses = 0;
  for (const [key, rumor] of rumors) {
    const at = up.filter(([, { run }]) => !heard.get(run)?.has(key)).map(([node]) => node);
    if (at.length > 0) missing.push({ rumor, at });
    misses += at.length;
  }
  const [first] = missing;
  if (first === undefined) return null;
  // Who said a rumor need not be reached.
  const residue = misses / (rumors.size * Math.max(1, up.length - 1));
  const witness = `in the end ${formatRumor(first.rumor)} was in somebody's list, and node ` +
    `${first.at.join(", ")} had not heard it; of ${rumors.size} rumors ${missing.length} were ` +
    `not everywhere, which is a residue of ${(100 * residue).toFixed(2)} %`;
  return { property: "everywhere", witness };
}

function heardByRun({ events }: GossipHistory): Map<number, Set<string>> {
  const heard = new Map<number, Set<string>>();
  for (const event of events) {
    if (event.event !== "heard") continue;
    const ofRun = heard.get(event.run) ?? new Set();
    heard.set(event.run, ofRun.add(rumorKey(event.rumor)));
  }
  return heard;
}

function isUp(
  entry: [ProcessId, GossipNodeKnowledge | null],
): entry is [ProcessId, GossipNodeKnowledge] {
  return entry[1] !== null;
}

/** All that is in any list. */
function listed(up: readonly GossipNodeKnowledge[]): Map<string, SaidRumor> {
  return new Map(up.flatMap(({ kept }) => kept.map((rumor) => [rumorKey(rumor), rumor] as const)));
}
