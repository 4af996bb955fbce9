/**
 * The knobs of a simulated run of a gossip network.
 *
 * @module
 */

import { GOSSIP_MODES } from "../simulator/epidemic_options.ts";
import { PARTITION_MODES } from "../simulator/faults.ts";
import { recoveryMsOf, spreadMsOf } from "../simulator/gossip_bounds.ts";
import { type GossipFaults, NO_GOSSIP_FAULTS } from "../simulator/gossip_faults.ts";
import { DEFAULT_MEMBERSHIP, type GossipSimulationOptions } from "../simulator/gossip_options.ts";
import {
  faultKnobMaker,
  type Knob,
  knobMaker,
  KnobSet,
  type KnobValues as Values,
} from "./knobs.ts";
import { K_MAX } from "./mongering_options.ts";
import { byteSize } from "./values/byte_size.ts";
import { duration } from "./values/duration.ts";
import { durationOrOff } from "./values/duration_or_off.ts";
import { percentage } from "./values/percentage.ts";
import { wholeNumber } from "./values/whole_number.ts";
import { word, wordList } from "./values/word.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const MIB_BYTES = 1024 * 1024;

/** A run in which no knob was turned. */
export function plainGossipRun(seed: number): GossipSimulationOptions {
  return withBounds({
    ...{ seed, nodes: 6 },
    ...{ mode: "push", reaction: "feedback", stop: "counter", k: 5, fanout: 3 },
    ...{ intervalMs: 200, antiEntropyMs: 10 * SECOND_MS },
    ...DEFAULT_MEMBERSHIP,
    ...{ wantsReceipts: true, keepRumors: 100_000, keepBytes: 64 * MIB_BYTES },
    lateNodes: 0,
    sayMeanMs: 2 * SECOND_MS,
    ...{ burstRate: 0, burstMax: 20, largeRate: 0, largeMaxChars: 20_000 },
    faults: NO_GOSSIP_FAULTS,
    faultPeriodMs: 10 * SECOND_MS,
    recoveryMs: 0,
    loadMs: 5 * SECOND_MS,
    livenessMs: 0,
  });
}

/** The run with the times that follow from its settings. */
export function withBounds(run: GossipSimulationOptions): GossipSimulationOptions {
  return { ...run, recoveryMs: recoveryMsOf(run), livenessMs: spreadMsOf(run) };
}

const ofRun = knobMaker(plainGossipRun(0));
const ofFaults = faultKnobMaker<GossipFaults, GossipSimulationOptions>(NO_GOSSIP_FAULTS);
const spell = duration({ minMs: 0, maxMs: HOUR_MS });
const pause = duration({ minMs: 1, maxMs: HOUR_MS });
const times = wholeNumber("N", { min: 0, max: 1000 });

/** The network, and how its nodes are set. */
export const GOSSIP_NETWORK_KNOBS = {
  nodes: ofRun("--nodes", "nodes", wholeNumber("N", { min: 2, max: 200 }), "Nodes"),
  mode: ofRun(
    "--mode",
    "mode",
    word({ metavar: "MODE", noun: "mode", known: GOSSIP_MODES }),
    "Who knows a rumor tells it (push), or is asked for it (pull), or both (push-pull)",
  ),
  stop: ofRun(
    "--stop",
    "stop",
    word({ metavar: "RULE", noun: "rule", known: ["counter", "coin"] as const }),
    "Stop after k such times in a row (counter), or each time with a chance of 1 in k (coin)",
  ),
  k: ofRun("--k", "k", wholeNumber("K", { min: 1, max: K_MAX }), "How patient a node is"),
  fanout: ofRun(
    "--fanout",
    "fanout",
    wholeNumber("N", { min: 1, max: 100 }),
    "Partners of a node at a time",
  ),
  interval: ofRun("--interval", "intervalMs", pause, "Time between two such times"),
  antiEntropy: ofRun(
    "--anti-entropy",
    "antiEntropyMs",
    durationOrOff({ minMs: 1, maxMs: HOUR_MS }),
    "Time between two exchanges of all that is known, or off; then not everybody need have everything",
  ),
  probeInterval: ofRun(
    "--probe-interval",
    "probeIntervalMs",
    duration({ minMs: 10, maxMs: HOUR_MS }),
    "Time between two probes of a node",
  ),
  probeTimeout: ofRun(
    "--probe-timeout",
    "probeTimeoutMs",
    duration({ minMs: 1, maxMs: HOUR_MS }),
    "Who is probed has so long to answer",
  ),
  indirectProbes: ofRun(
    "--indirect-probes",
    "indirectProbes",
    wholeNumber("N", { min: 0, max: 10 }),
    "How many others are asked to try then",
  ),
  suspicion: ofRun("--suspicion", "suspicionMs", spell, "A suspect has so long to contradict"),
  keepRumors: ofRun(
    "--keep-rumors",
    "keepRumors",
    wholeNumber("N", { min: 1, max: 1_000_000 }),
    "Rumors that a list has at most",
  ),
  keepBytes: ofRun(
    "--keep-bytes",
    "keepBytes",
    byteSize({ min: 0, max: 1024 * MIB_BYTES }),
    "Memory that a list takes at most",
  ),
};

/** What users do. */
export const GOSSIP_LOAD_KNOBS = {
  sayMean: ofRun(
    "--say-mean",
    "sayMeanMs",
    pause,
    "Mean time between two times that the user of a node says something",
  ),
  bursts: ofRun(
    "--bursts",
    "burstRate",
    percentage(),
    "Share of those times at which he says several rumors",
  ),
  burstMax: ofRun(
    "--burst-max",
    "burstMax",
    wholeNumber("N", { min: 1, max: 1000 }),
    "He says up to so many then",
  ),
  large: ofRun("--large", "largeRate", percentage(), "Share of the rumors that are large"),
  largeMax: ofRun(
    "--large-max",
    "largeMaxChars",
    wholeNumber("CHARS", { min: 1, max: 200_000 }),
    "Those have up to so many characters",
  ),
};

/** What goes wrong, when, and until when. */
export const GOSSIP_FAULT_KNOBS = {
  delayMin: ofFaults("--delay-min", "delayMinMs", spell, "No datagram is faster, one way"),
  delayMean: ofFaults(
    "--delay-mean",
    "delayMeanMs",
    spell,
    "Mean one-way delay: what is beyond the minimum is an exponential tail",
  ),
  loss: ofFaults("--loss", "lossRate", percentage(), "Share of the datagrams that are lost"),
  calmLoss: ofFaults(
    "--calm-loss",
    "calmLossRate",
    percentage(),
    "Share of the datagrams that are lost once all is well; up to 10% the same is demanded",
  ),
  duplicate: ofFaults(
    "--duplicate",
    "duplicateRate",
    percentage(),
    "Share of the datagrams that arrive twice",
  ),
  reorder: ofFaults(
    "--reorder",
    "reorderRate",
    percentage(),
    "Share of the datagrams that are held back by up to 50ms",
  ),
  clogs: ofFaults(
    "--clogs",
    "clogs",
    times,
    "How often a link is clogged, one way: what is sent meanwhile arrives after the end of it",
  ),
  clogMax: ofFaults("--clog-max", "clogMaxMs", spell, "A clog lasts up to this"),
  partitions: ofFaults(
    "--partitions",
    "partitions",
    wholeNumber("N", { min: 0, max: 100 }),
    "How often the network is partitioned",
  ),
  partitionMode: ofFaults(
    "--partition-mode",
    "partitionModes",
    wordList({ metavar: "MODE", noun: "partition mode", known: PARTITION_MODES }),
    "What a partition may be: symmetric (nothing passes between two halves), one-way (nothing " +
      "passes one way), isolate (one node is alone)",
  ),
  linkCuts: ofFaults(
    "--link-cuts",
    "linkCuts",
    times,
    "How often two nodes can't reach each other, both ways or one, though others reach both",
  ),
  partitionMax: ofFaults(
    "--partition-max",
    "partitionMaxMs",
    spell,
    "A partition or a cut link lasts up to this",
  ),
  crashes: ofFaults("--crashes", "crashes", times, "How often some node crashes"),
  outages: ofFaults("--outages", "outages", times, "How often several nodes crash at once"),
  outageShare: ofFaults("--outage-share", "outageShare", percentage(), "Share of the nodes then"),
  leaves: ofFaults("--leaves", "leaves", times, "How often some node leaves in good order"),
  downMax: ofFaults(
    "--down-max",
    "downMaxMs",
    spell,
    "Who has crashed or left is started again after up to this, with an empty memory",
  ),
  gone: ofFaults(
    "--gone",
    "gone",
    wholeNumber("N", { min: 0, max: 200 }),
    "Nodes that crash or leave for good",
  ),
  pauses: ofFaults(
    "--pauses",
    "pauses",
    times,
    "How often some node stands still, as after SIGSTOP",
  ),
  pauseMax: ofFaults("--pause-max", "pauseMaxMs", spell, "A pause lasts up to this"),
  buffer: ofFaults(
    "--buffer",
    "bufferBytes",
    byteSize({ min: 0, max: 1024 * MIB_BYTES }),
    "What waits for a node that stands still, at most; what overflows is lost",
  ),
  lateNodes: ofRun(
    "--late-nodes",
    "lateNodes",
    wholeNumber("N", { min: 0, max: 200 }),
    "Nodes that are started later than the others",
  ),
  drift: ofFaults(
    "--drift",
    "driftRate",
    percentage(),
    "The rates of two clocks differ by up to this",
  ),
  lateMax: ofFaults(
    "--late-max",
    "lateMaxMs",
    spell,
    "A node notices that its time has come up to so late",
  ),
  faultPeriod: ofRun(
    "--fault-period",
    "faultPeriodMs",
    duration({ minMs: 0, maxMs: 24 * HOUR_MS }),
    "How long things go wrong; then everything heals",
  ),
  recovery: bound(
    "--recovery",
    "recoveryMs",
    "Once everything has healed, the nodes must have found one another after this (default: what " +
      "follows from their number and how often they probe)",
  ),
  load: ofRun("--load", "loadMs", spell, "Then users say rumors during this time"),
  liveness: bound(
    "--liveness",
    "livenessMs",
    "And then everybody must have everything within this time (default: what follows from how often " +
      "nodes exchange all that they know)",
  ),
};

/** All knobs. */
const KNOBS = { ...GOSSIP_NETWORK_KNOBS, ...GOSSIP_LOAD_KNOBS, ...GOSSIP_FAULT_KNOBS };

/** The values of the knobs that were turned; undefined for the others. */
export type GossipKnobValues = Values<typeof KNOBS>;

/** What can be done with all of them. */
export const GOSSIP_KNOBS = new KnobSet<GossipSimulationOptions, typeof KNOBS>(KNOBS);

/** A time that otherwise follows from the settings. */
function bound(
  flag: `--${string}`,
  field: "recoveryMs" | "livenessMs",
  description: string,
): Knob<number, GossipSimulationOptions> {
  return {
    ...{ flag, description, value: duration({ minMs: 0, maxMs: 24 * HOUR_MS }) },
    get: (run) => run[field],
    set: (run, ms) => ({ ...run, [field]: ms }),
  };
}
