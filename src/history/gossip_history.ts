/**
 * What happened in a gossip network, as an observer outside of all machines sees it, by a clock of its
 * own.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";

/** Names a rumor: the node that said it, in which process of it, and as which of that process's
 * rumors. */
export interface SaidRumor {
  readonly origin: ProcessId;
  readonly run: number;
  readonly seq: number;
}

/** A process of a node: each has another number in the whole run. */
export interface NodeRun {
  readonly node: ProcessId;
  readonly run: number;
}

/** A process began. */
export interface RunBegan extends NodeRun {
  readonly event: "began";
  readonly at: Millis;
}

/** It is gone: it has crashed or left. */
export interface RunEnded extends NodeRun {
  readonly event: "ended";
  readonly at: Millis;
}

/** Its user said a rumor, its `seq`th. */
export interface RumorSaid extends NodeRun {
  readonly event: "said";
  readonly at: Millis;
  readonly seq: number;
  readonly text: string;
}

/** It heard a rumor: its own, one that was told as a rumor, or one that anti-entropy brought. */
export interface RumorHeard extends NodeRun {
  readonly event: "heard";
  readonly at: Millis;
  readonly rumor: SaidRumor;
  readonly text: string;
  readonly by: "self" | "rumor" | "supply";
}

/** It took another node for up, or for down. */
export interface PeerChanged extends NodeRun {
  readonly event: "peer";
  readonly at: Millis;
  readonly other: ProcessId;
  readonly isUp: boolean;
}

/** Something that happened. */
export type GossipEvent = RunBegan | RunEnded | RumorSaid | RumorHeard | PeerChanged;

/** How often a process told others a rumor. Bringing a large one to who wants it isn't telling: it was
 * told when it was offered. */
export interface Telling extends NodeRun {
  readonly rumor: SaidRumor;
  readonly times: number;
  readonly lastAt: Millis;
}

/** What a process knew in the end. */
export interface GossipNodeKnowledge {
  readonly run: number;
  /** Its list: the rumors that it keeps for others, in its order. */
  readonly kept: readonly SaidRumor[];
  /** How many rumors it was still telling. */
  readonly hot: number;
  /** Who it took for up, itself included. */
  readonly up: readonly ProcessId[];
}

/** What no process may exceed. */
export interface GossipLimits {
  /** A list has at most so many rumors. */
  readonly keepRumors: number;
  /** And so many bytes: two for each UTF-16 unit, and something for each rumor. */
  readonly keepBytes: number;
  /** So often a process tells a rumor at most. */
  readonly told: number;
  /** So often all processes together tell a rumor that was said when all was well. */
  readonly toldByAll: number;
}

/** A run. */
export interface GossipHistory {
  readonly nodes: number;
  /** In the order in which it happened. */
  readonly events: readonly GossipEvent[];
  /** In any order. */
  readonly tellings: readonly Telling[];
  /** From then on everything went well, and the nodes had had time to find one another; Infinity if the
   * run ended before. */
  readonly settledAt: Millis;
  /** From then on everybody had everything, and nobody was telling anything; Infinity if that never
   * came. */
  readonly stillAt: Millis;
  /** When the run ended. */
  readonly endAt: Millis;
  readonly limits: GossipLimits;
  /** What each node knew in the end; null for one that wasn't up. */
  readonly knowledge: readonly (GossipNodeKnowledge | null)[];
}

/** Text that tells rumors apart. */
export function rumorKey({ origin, run, seq }: SaidRumor): string {
  return `${origin}.${run}.${seq}`;
}
