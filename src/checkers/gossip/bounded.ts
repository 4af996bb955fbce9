/**
 * Whether a rumor costs no more than it may.
 *
 * @module
 */

import { type GossipHistory, rumorKey, type Telling } from "../../history/gossip_history.ts";
import { formatRumor, type GossipViolation } from "./verdict.ts";

/** Checks how often each process has told each rumor; and how often all together have told each that was
 * said when all was well. */
export function checkBounded(history: GossipHistory): GossipViolation | null {
  const { tellings, limits } = history;
  const much = tellings.find(({ times }) => times > limits.told);
  if (much !== undefined) {
    const witness =
      `node ${much.node} told ${formatRumor(much.rumor)} ${much.times} times, and may ` +
      `${limits.told} times`;
    return { property: "bounded", witness };
  }
  for (const { rumor, times } of sums(history)) {
    if (times <= limits.toldByAll) continue;
    const witness = `${formatRumor(rumor)} was told ${times} times by all together, and may be ` +
      `${limits.toldByAll} times`;
    return { property: "bounded", witness };
  }
  return null;
}

/** What all processes did with each rumor that was said when all was well. */
function sums(
  { tellings, events, settledAt }: GossipHistory,
): Iterable<Pick<Telling, "rumor" | "times">> {
  const byRumor = new Map<string, { readonly rumor: Telling["rumor"]; times: number }>();
  for (const event of events) {
    if (event.event !== "said" || event.at < settledAt) continue;
    const rumor = { origin: event.node, run: event.run, seq: event.seq };
    byRumor.set(rumorKey(rumor), { rumor, times: 0 });
  }
  for (const { rumor, times } of tellings) {
    const sum = byRumor.get(rumorKey(rumor));
    if (sum !== undefined) sum.times += times;
  }
  return byRumor.values();
}
