/**
 * What the nodes of a gossip network say to one another.
 *
 * @module
 */

/** Names a node. No two that live have the same. */
export type NodeName = string;

/** The longest text of a rumor, in bytes of UTF-8. */
export const MAX_RUMOR_BYTES = 1024 * 1024;

/** A network has at most so many nodes that live or have lately died. */
export const MAX_MEMBERS = 1000;

/** Names a rumor: who said it, in which process of his, and as which of that process's rumors. */
export interface RumorId {
  readonly origin: NodeName;
  /** Another number in each process of a node. */
  readonly run: number;
  /** Counts the rumors of the process, from 1. */
  readonly seq: number;
}

/** A rumor as it travels. */
export interface Rumor extends RumorId {
  readonly text: string;
  /** Whether its origin wants to know who has got it. */
  readonly wantsReceipt: boolean;
  /** From how many nodes it has been sent on, the next one included: 1 from its origin. */
  readonly hops: number;
}

/** How a node is, as far as somebody knows. Who has left has said so. */
export type MemberState = "alive" | "suspect" | "dead" | "left";

/** What is known of a node. Of two records of one node the one with the higher incarnation is newer; of
 * the same incarnation, the one whose state comes later in {@linkcode MemberState}. */
export interface MemberRecord {
  readonly name: NodeName;
  /** `HOST:PORT`. */
  readonly address: string;
  /** Grows when the node is started again, and when it contradicts those who suspect it. Only the node
   * itself makes a new one. */
  readonly incarnation: number;
  readonly state: MemberState;
}

/** In every message: who sends it, and news of the members. */
export interface Envelope {
  /** The sender's own record. */
  readonly from: MemberRecord;
  /** News of members, as many as found place. */
  readonly news: readonly MemberRecord[];
}

// --- rumor mongering

/** Rumors that the sender takes for new to others. */
export interface Push {
  readonly type: "push";
  readonly rumors: readonly Rumor[];
}

/** Rumors too large to be sent to who may know them. */
export interface Offer {
  readonly type: "offer";
  readonly rumors: readonly RumorId[];
}

/** Asks for the rumors that the receiver takes for new to others. */
export interface Pull {
  readonly type: "pull";
}

/** The answer to a push and to an offer: which of the rumors were known. Of an offer, the fresh ones are
 * wanted. */
export interface Feedback {
  readonly type: "feedback";
  readonly known: readonly RumorId[];
  readonly fresh: readonly RumorId[];
}

/** To the origin of a rumor, if it wants to know: the sender has got it now for the first time. */
export interface Receipt {
  readonly type: "receipt";
  readonly rumor: RumorId;
  readonly hops: number;
  /** Whether it came as a rumor, and not by anti-entropy. */
  readonly isByRumor: boolean;
}

// --- anti-entropy

/** All rumors of one process that somebody has, or has had. */
export interface DigestEntry {
  readonly origin: NodeName;
  readonly run: number;
  /** First and last of each gapless piece, in ascending order, none touching the next. */
  readonly pieces: readonly (readonly [first: number, last: number])[];
}

/** What the sender has. */
export interface Digest {
  readonly type: "digest";
  readonly entries: readonly DigestEntry[];
  /** Whether the receiver is to say in turn what it has. */
  readonly isQuestion: boolean;
}

/** What the receiver lacked, as its digest said. */
export interface Supply {
  readonly type: "supply";
  readonly rumors: readonly Rumor[];
  /** Whether there is more: a digest in answer gets it. */
  readonly isMore: boolean;
}

// --- membership (SWIM: Das, Gupta and Motivala, 2002)

/** Wants to be a member, and to know the others. */
export interface Join {
  readonly type: "join";
}

/** The answer to a join: all members that the sender knows. */
export interface Welcome {
  readonly type: "welcome";
  readonly members: readonly MemberRecord[];
}

/** Are you there? Answered by `ack`. Who has another name doesn't answer. */
export interface Ping {
  readonly type: "ping";
  readonly target: NodeName;
  /** Comes back in the answer. */
  readonly probe: number;
}

/** Ping this one for me, and tell me if it answers. */
export interface PingRequest {
  readonly type: "ping-request";
  readonly target: NodeName;
  /** Where it is. */
  readonly address: string;
  readonly probe: number;
}

/** The target of this probe is there. */
export interface Ack {
  readonly type: "ack";
  readonly target: NodeName;
  readonly probe: number;
}

/** What is about members alone. */
export type MembershipMessage = Join | Welcome | Ping | PingRequest | Ack;

/** What is about rumors. */
export type RumorMessage = Push | Offer | Pull | Feedback | Receipt | Digest | Supply;

/** Everything that a node says, without its envelope. */
export type GossipBody = RumorMessage | MembershipMessage;

/** A message as it travels. */
export type GossipMessage = GossipBody & Envelope;
