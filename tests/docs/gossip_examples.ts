/**
 * What the examples of gossip in docs/PROTOCOL.md say they are.
 *
 * @module
 */

import type { GossipMessage, MemberRecord } from "../../src/protocols/gossip/messages.ts";

const [A, B, C] = ["a", "b", "c"].map((name, i): MemberRecord => ({
  name,
  address: `10.0.0.${7 + i}:7001`,
  incarnation: 1_700_000_000_000 + i,
  state: "alive",
})) as [MemberRecord, MemberRecord, MemberRecord];

const RUMOR = { origin: "a", run: 0x1234_5678, seq: 1 };

/** Messages by the example's name. */
export const GOSSIP_MESSAGES: Readonly<Record<string, GossipMessage>> = {
  gossip_join: { type: "join", from: B, news: [] },
  gossip_welcome: { type: "welcome", members: [A, C], from: A, news: [] },
  gossip_push: {
    type: "push",
    rumors: [{ ...RUMOR, hops: 1, wantsReceipt: true, text: "hi" }],
    from: A,
    news: [{ ...C, state: "suspect" }],
  },
  gossip_feedback: { type: "feedback", known: [], fresh: [RUMOR], from: B, news: [] },
  gossip_receipt: { type: "receipt", rumor: RUMOR, hops: 1, isByRumor: true, from: B, news: [] },
  gossip_digest: {
    type: "digest",
    entries: [{ origin: "a", run: 0x1234_5678, pieces: [[1, 1], [3, 300]] }],
    isQuestion: true,
    from: C,
    news: [],
  },
  gossip_ping: { type: "ping", target: "c", probe: 12, from: B, news: [] },
};

/** The names of all. */
export const GOSSIP_EXAMPLES: readonly string[] = Object.keys(GOSSIP_MESSAGES);
