/**
 * Whether lists keep what they are to keep, and no more.
 *
 * @module
 */

import {
  type GossipHistory,
  type GossipLimits,
  type GossipNodeKnowledge,
  type RumorHeard,
  rumorKey,
} from "../../history/gossip_history.ts";
import type { ProcessId } from "../../protocols/process.ts";
import { formatRumor, type GossipViolation } from "./verdict.ts";

/** A rumor counts as so many bytes at most, besides two for each unit of its text. */
const AROUND_BYTES_MAX = 1000;

/** Checks that each list has what its process has heard last, in that order, and that it is as long as it
 * may be. */
export function checkKept(history: GossipHistory): GossipViolation | null {
  const heard = heardByRun(history);
  for (const [node, known] of history.knowledge.entries()) {
    if (known === null) continue;
    const witness = findWrong(node, known, heard.get(known.run) ?? [], history.limits);
    if (witness !== null) return { property: "kept", witness };
  }
  return null;
}

/** What each process has heard, each rumor once, in the order of the first time. */
function heardByRun({ events }: GossipHistory): Map<number, RumorHeard[]> {
  const heard = new Map<number, Map<string, RumorHeard>>();
  for (const event of events) {
    if (event.event !== "heard") continue;
    const ofRun = heard.get(event.run) ?? new Map<string, RumorHeard>();
    heard.set(event.run, ofRun);
    const key = rumorKey(event.rumor);
    if (!ofRun.has(key)) ofRun.set(key, event);
  }
  return new Map([...heard].map(([run, ofRun]) => [run, [...ofRun.values()]]));
}

function findWrong(
  node: ProcessId,
  { kept }: GossipNodeKnowledge,
  heard: readonly RumorHeard[],
  { keepRumors, keepBytes }: GossipLimits,
): string | null {
  const dropped = heard.length - kept.length;
  const list = `in the end the list of node ${node}`;
  for (const [place, rumor] of kept.entries()) {
    const expected = heard[dropped + place];
    if (expected !== undefined && rumorKey(expected.rumor) === rumorKey(rumor)) continue;
    return `${list} had ${formatRumor(rumor)} at its place ${place + 1}, where ` +
      (expected === undefined ? "nothing" : formatRumor(expected.rumor)) + " was to be";
  }
  const bytes = heard.slice(dropped).reduce((sum, { text }) => sum + 2 * text.length, 0);
  if (kept.length > keepRumors || bytes > keepBytes) {
    return `${list} had ${kept.length} rumors of ${bytes} bytes, which is too much`;
  }
  const next = heard[dropped - 1];
  if (next === undefined || kept.length === keepRumors) return null;
  const most = bytes + 2 * next.text.length + AROUND_BYTES_MAX * (kept.length + 1);
  return most > keepBytes
    ? null
    : `${list} lacked ${formatRumor(next.rumor)}, though there was room for it`;
}
