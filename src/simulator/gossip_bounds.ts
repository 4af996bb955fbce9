/**
 * What can be promised of a gossip network once all is well: how long it takes at most, and how much is
 * sent. All is well when nothing worse happens than that one datagram in ten is lost.
 *
 * What is left to chance here happens but once in e^25, or 70 billion, times.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";

/** No process tells anything for longer. */
const LONGEST_HOT_MS: Millis = 60_000;

/** See the module: e^-25. */
const SURELY = 25;

/** One of those who seem to be dead is tried so often. */
const RETRY_MS: Millis = 3750;

/** So many such tries bring together what was apart. */
const RETRIES = 8;

/** The rates of clocks differ from true time by less. */
const CLOCKS = 1.02;

type Run = GossipSimulationOptions;

/** A datagram takes no longer one way: a tail of twenty means is longer once in half a billion times. */
function wayMsOf({ faults }: Run): Millis {
  const { delayMinMs, delayMeanMs, lateMaxMs } = faults;
  return delayMinMs + 20 * (delayMeanMs - delayMinMs) + lateMaxMs;
}

/**
 * So long after the healing all nodes see all that are up, and nobody else.
 *
 * Who has gone is found silent when anybody's round of probes comes to him: each round visits everybody
 * once, so that n nodes together don't miss one for many periods. He is dead when the suspicion ends. Who
 * was taken for dead wrongly is tried again by everybody. What news have missed, probes and exchanges
 * bring.
 */
export function recoveryMsOf(run: Run): Millis {
  const { nodes, probeIntervalMs, suspicionMs } = run;
  const probes = Math.min(2 * nodes, SURELY) + 5;
  const retries = RETRIES * RETRY_MS;
  return CLOCKS * (suspicionMs + probes * probeIntervalMs + retries) + 6 * wayMsOf(run);
}

/**
 * So long after the last rumor everybody has everything.
 *
 * By anti-entropy alone: each node asks somebody within one and a half intervals. One that lacks what all
 * others have gets it then; and who alone has something gives it away. In between, the number of those
 * who have it grows by half in most intervals. Where lists drop what is old, a rumor may stay with one
 * node, which must meet each of the others itself.
 */
export function spreadMsOf(run: Run): Millis {
  const { nodes, antiEntropyMs } = run;
  const spreading = 10 + 2 * Math.ceil(Math.log2(nodes)) + SURELY / 2;
  const intervals = mayDrop(run) ? SURELY * nodes : spreading;
  return CLOCKS * 1.5 * intervals * (antiEntropyMs ?? 10_000) + 12 * wayMsOf(run) + 1000;
}

/** Whether lists are so short that they may have to drop something. */
function mayDrop({ keepRumors, keepBytes }: Run): boolean {
  return keepRumors < 10_000 || keepBytes < 32 * 1024 * 1024;
}

/**
 * So long after everybody has everything nobody tells anything any more.
 *
 * Each contact is in vain from then on. With a counter a node stops after `k` of them, with a coin after
 * as many as it takes, each of which is the last one with a chance of 1 in `k`.
 */
export function silenceMsOf(run: Run): Millis {
  const { k, fanout, intervalMs } = run;
  const rounds = 40 + (SURELY * k) / fanout;
  const hotMs = Math.min(LONGEST_HOT_MS + 2 * intervalMs, rounds * intervalMs);
  return CLOCKS * hotMs + 4 * wayMsOf(run) + 1000;
}

/** So often one process tells one rumor at most: to all partners in each round while it is hot, and
 * whenever somebody asks. */
export function toldMaxOf(run: Run): number {
  const { nodes, mode, fanout, intervalMs, faults } = run;
  const { pauseMaxMs, clogMaxMs, lateMaxMs } = faults;
  const longestMs = LONGEST_HOT_MS + pauseMaxMs + clogMaxMs + lateMaxMs;
  const rounds = 2 + (CLOCKS * longestMs) / intervalMs;
  const asked = mode === "push" ? 0 : 2 * (nodes - 1); // Twice, as the network may double a question.
  return Math.ceil(fanout * rounds * (1 + asked));
}

/**
 * So often all processes together tell a rumor that was said when all was well.
 *
 * A counter makes each of `n` nodes stop after `k` contacts in vain, and each of `n` useful ones may undo
 * `k` of them. A coin makes it stop after `k` on average; of the sum of `n` such numbers, 2n + 30 times `k`
 * is surely more. Where something is lost, so are answers: that makes it a half more at most, and a few.
 * What is on its way when a node stops comes on top.
 */
export function toldByAllMaxOf(run: Run): number {
  const { nodes: n, mode, reaction, stop, k, fanout, intervalMs, faults } = run;
  const inVain = stop === "counter" ? n * k : (2 * n + 30) * k;
  const useful = reaction === "blind" ? 0 : stop === "counter" ? n * k : n;
  const atATime = mode === "push" ? fanout : fanout * n;
  const underWay = n * atATime * (1 + Math.ceil((2 * wayMsOf(run)) / intervalMs));
  const counted = inVain + useful;
  return underWay + (faults.calmLossRate === 0 ? counted : Math.ceil(1.5 * counted) + SURELY);
}
