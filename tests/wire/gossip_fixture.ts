/**
 * A message of each kind that nodes of a gossip network say, for tests.
 *
 * @module
 */

import type { Envelope, GossipBody, GossipMessage } from "../../src/protocols/gossip/messages.ts";

/** From b, with news of c, who is suspected, and d, who has left. */
export const ENVELOPE: Envelope = {
  from: { name: "b", address: "10.0.0.8:7001", incarnation: 1_700_000_000_000, state: "alive" },
  news: [
    { name: "c", address: "[2001:db8::1]:7001", incarnation: 7, state: "suspect" },
    { name: "d", address: "host.example:65535", incarnation: 0, state: "left" },
  ],
};

const ID = { origin: "a", run: 4_000_000_000, seq: 1 };
const OTHER = { origin: "ä·ö", run: 0, seq: Number.MAX_SAFE_INTEGER };

const RUMORS = [
  { ...ID, hops: 1, wantsReceipt: true, text: "a word\nand more" },
  { ...OTHER, hops: 0xffff_ffff, wantsReceipt: false, text: "" },
];

/** One of each kind. */
export const GOSSIP_BODIES = {
  push: { type: "push", rumors: RUMORS },
  offer: { type: "offer", rumors: [ID, OTHER] },
  pull: { type: "pull" },
  feedback: { type: "feedback", known: [ID], fresh: [OTHER] },
  receipt: { type: "receipt", rumor: ID, hops: 3, isByRumor: true },
  digest: {
    type: "digest",
    entries: [
      { origin: "a", run: 4_000_000_000, pieces: [[1, 1], [3, 70]] },
      { origin: "b", run: 2, pieces: [[5, Number.MAX_SAFE_INTEGER]] },
    ],
    isQuestion: true,
  },
  supply: { type: "supply", rumors: RUMORS, isMore: false },
  join: { type: "join" },
  welcome: { type: "welcome", members: [ENVELOPE.from, ...ENVELOPE.news] },
  ping: { type: "ping", target: "a", probe: 12 },
  "ping-request": { type: "ping-request", target: "c", address: "10.0.0.9:7001", probe: 13 },
  ack: { type: "ack", target: "c", probe: 13 },
} as const satisfies { readonly [Type in GossipBody["type"]]: GossipBody };

/** The message of a body. */
export function gossip(body: GossipBody, envelope: Envelope = ENVELOPE): GossipMessage {
  return { ...body, ...envelope };
}
