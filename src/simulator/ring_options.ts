/**
 * What a run of a simulated token ring is.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { TokenRingOutbox } from "../protocols/token_ring/outbox.ts";
import { TokenRing, type TokenRingOptions } from "../protocols/token_ring/token_ring.ts";
import type { RingFaults } from "./ring_faults.ts";

/** What the world needs of a node. */
export type RingNode = Pick<
  TokenRing,
  "deadline" | "status" | "start" | "lock" | "unlock" | "leave" | "receive" | "tick"
>;

/** Makes a node, or a variation of it. */
export type RingMaker = (
  options: TokenRingOptions,
  outbox: TokenRingOutbox,
  random: Random,
  now: Millis,
) => RingNode;

/** Makes a real one. */
export const makeRealRing: RingMaker = (options, outbox, random, now) =>
  new TokenRing(options, outbox, random, now);

/** What a run is. */
export interface RingSimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly leaseMs: Millis;
  /** How long the token rests at each node while nobody waits. */
  readonly paceMs: Millis;
  /** At so many nodes somebody says that there is to be a token, each time the node is started. */
  readonly starters: number;
  /** The pause before he says so is up to this. */
  readonly startMaxMs: Millis;
  /** So many nodes are started later than the others, at any time of the period of the faults. */
  readonly lateNodes: number;
  /** Which share of the nodes wants another one after itself than the file says. */
  readonly wishRate: number;
  /** So many at each node want the lock. */
  readonly users: number;
  /** The pause of each of them between two requests is drawn evenly from this range. */
  readonly pauseMinMs: Millis;
  readonly pauseMaxMs: Millis;
  /** The lock is used for up to this. */
  readonly holdMaxMs: Millis;
  /** Which share of the uses is long. */
  readonly longHoldRate: number;
  /** Those take up to this. */
  readonly longHoldMaxMs: Millis;
  /** Which share of the requests is given up, if it isn't granted before. */
  readonly giveUpRate: number;
  /** After up to this. */
  readonly patienceMaxMs: Millis;
  readonly faults: RingFaults;
  /** How long things go wrong; then everything heals. */
  readonly faultPeriodMs: Millis;
  /** From the healing on, a token must be alive after so long. */
  readonly recoveryMs: Millis;
  /** From then on, the lock is asked for during so long. */
  readonly loadMs: Millis;
  /** And then within this time, beside what the uses take, everybody must have been served. */
  readonly livenessMs: Millis;
  readonly makeRing?: RingMaker;
}
