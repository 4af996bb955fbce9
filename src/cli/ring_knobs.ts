/**
 * The knobs of a simulated run of a token ring.
 *
 * @module
 */

import { PARTITION_MODES } from "../simulator/faults.ts";
import { NO_RING_FAULTS, type RingFaults } from "../simulator/ring_faults.ts";
import type { RingSimulationOptions } from "../simulator/ring_options.ts";
import { RECOVERY_LEASES, RING_LIVENESS_MS } from "../simulator/ring_swarm.ts";
import {
  faultKnobMaker,
  type Knob,
  knobMaker,
  KnobSet,
  type KnobValues as Values,
} from "./knobs.ts";
import { byteSize } from "./values/byte_size.ts";
import { duration, interval } from "./values/duration.ts";
import { percentage } from "./values/percentage.ts";
import { wholeNumber } from "./values/whole_number.ts";
import { wordList } from "./values/word.ts";

const HOUR_MS = 3_600_000;
const MIB_BYTES = 1024 * 1024;
const LEASE_MS = 1500;

/** A run in which no knob was turned. */
export function plainRingRun(seed: number): RingSimulationOptions {
  return {
    seed,
    nodes: 3,
    leaseMs: LEASE_MS,
    paceMs: 1000,
    starters: 1,
    startMaxMs: 0,
    lateNodes: 0,
    wishRate: 0,
    users: 1,
    pauseMinMs: 5,
    pauseMaxMs: 500,
    holdMaxMs: 50,
    longHoldRate: 0,
    longHoldMaxMs: 2 * LEASE_MS,
    giveUpRate: 0,
    patienceMaxMs: 500,
    faults: NO_RING_FAULTS,
    faultPeriodMs: 10_000,
    recoveryMs: RECOVERY_LEASES * LEASE_MS,
    loadMs: 2000,
    livenessMs: RING_LIVENESS_MS,
  };
}

const ofRun = knobMaker(plainRingRun(0));
const ofFaults = faultKnobMaker<RingFaults, RingSimulationOptions>(NO_RING_FAULTS);
const spell = duration({ minMs: 0, maxMs: HOUR_MS });
const times = wholeNumber("N", { min: 0, max: 1000 });

/** Who takes part, and what they do. */
export const RING_LOAD_KNOBS = {
  nodes: ofRun("--nodes", "nodes", wholeNumber("N", { min: 1, max: 64 }), "Nodes"),
  lease: ofRun(
    "--lease",
    "leaseMs",
    duration({ minMs: 500, maxMs: 60_000 }),
    "How long a lease lasts",
  ),
  pace: ofRun(
    "--pace",
    "paceMs",
    duration({ minMs: 1, maxMs: HOUR_MS }),
    "How long the token rests at each node while nobody waits",
  ),
  starters: ofRun(
    "--starters",
    "starters",
    wholeNumber("N", { min: 1, max: 64 }),
    "Nodes at which somebody says that there is to be a token, each time the node is started",
  ),
  startMax: ofRun("--start-max", "startMaxMs", spell, "He says so after up to this"),
  lateNodes: ofRun(
    "--late-nodes",
    "lateNodes",
    wholeNumber("N", { min: 0, max: 64 }),
    "Nodes that are started later than the others",
  ),
  wishes: ofRun(
    "--wishes",
    "wishRate",
    percentage(),
    "Share of the nodes that want another one after themselves than the file says",
  ),
  users: ofRun(
    "--users",
    "users",
    wholeNumber("N", { min: 1, max: 100 }),
    "How many want the lock at each node",
  ),
  interval: knob({
    flag: "--interval",
    value: interval(HOUR_MS),
    description: "Time between two requests of each of them, drawn from a range such as 5-20ms, " +
      "or always the same (default: 5-500ms)",
    get: ({ pauseMinMs, pauseMaxMs }) => ({ minMs: pauseMinMs, maxMs: pauseMaxMs }),
    set: (run, { minMs, maxMs }) => ({ ...run, pauseMinMs: minMs, pauseMaxMs: maxMs }),
  }),
  holdMax: ofRun("--hold-max", "holdMaxMs", spell, "The lock is used for up to this"),
  longHolds: ofRun("--long-holds", "longHoldRate", percentage(), "Share of the uses that are long"),
  longHoldMax: ofRun("--long-hold-max", "longHoldMaxMs", spell, "Those take up to this"),
  giveUps: ofRun(
    "--give-ups",
    "giveUpRate",
    percentage(),
    "Share of the requests that are given up, if they aren't granted before",
  ),
  patienceMax: ofRun("--patience-max", "patienceMaxMs", spell, "Those wait for up to this"),
};

/** What goes wrong, when, and until when. */
export const RING_FAULT_KNOBS = {
  delayMin: ofFaults("--delay-min", "delayMinMs", spell, "No datagram is faster, one way"),
  delayMean: ofFaults(
    "--delay-mean",
    "delayMeanMs",
    spell,
    "Mean one-way delay: what is beyond the minimum is an exponential tail",
  ),
  loss: ofFaults("--loss", "lossRate", percentage(), "Share of the datagrams that are lost"),
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
    "How often the ring is partitioned",
  ),
  partitionMode: ofFaults(
    "--partition-mode",
    "partitionModes",
    wordList({ metavar: "MODE", noun: "partition mode", known: PARTITION_MODES }),
    "What a partition may be: symmetric (nothing passes between two halves), one-way (nothing " +
      "passes one way), isolate (one node is alone)",
  ),
  holderCuts: ofFaults(
    "--holder-cuts",
    "holderCuts",
    wholeNumber("N", { min: 0, max: 100 }),
    "How often the node that has the token is cut off from all others, both ways or one",
  ),
  linkCuts: ofFaults(
    "--link-cuts",
    "linkCuts",
    wholeNumber("N", { min: 0, max: 50 }),
    "How often two nodes can't reach each other, both ways or one, though others reach both",
  ),
  partitionMax: ofFaults(
    "--partition-max",
    "partitionMaxMs",
    spell,
    "A partition, a cut link, or a node's being cut off, lasts up to this",
  ),
  crashes: ofFaults(
    "--crashes",
    "crashes",
    times,
    "How often some node crashes, between any two of its steps; never while it is down",
  ),
  holderCrashes: ofFaults(
    "--holder-crashes",
    "holderCrashes",
    times,
    "How often the node crashes that has the token",
  ),
  leaves: ofFaults("--leaves", "leaves", times, "How often some node leaves in good order"),
  downMax: ofFaults(
    "--down-max",
    "downMaxMs",
    spell,
    "Who has crashed or left is started again after up to this",
  ),
  pauses: ofFaults(
    "--pauses",
    "pauses",
    times,
    "How often some node stands still, as after SIGSTOP, between any two of its steps",
  ),
  holderPauses: ofFaults(
    "--holder-pauses",
    "holderPauses",
    times,
    "How often the node stands still that has the token",
  ),
  pauseMax: ofFaults("--pause-max", "pauseMaxMs", spell, "A pause lasts up to this"),
  buffer: ofFaults(
    "--buffer",
    "bufferBytes",
    byteSize({ min: 0, max: 1024 * MIB_BYTES }),
    "What waits for a node that stands still, at most; what overflows is lost",
  ),
  drift: ofFaults(
    "--drift",
    "driftRate",
    percentage(),
    "The rates of two clocks differ by up to this; the protocol is made for up to 1%",
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
  recovery: knob({
    flag: "--recovery",
    value: duration({ minMs: 0, maxMs: HOUR_MS }),
    description: "Once everything has healed, one token must be alive after this (default: ten " +
      "leases)",
    get: ({ recoveryMs }) => recoveryMs,
    set: (run, recoveryMs) => ({ ...run, recoveryMs }),
  }),
  load: ofRun("--load", "loadMs", spell, "Then the lock is asked for during this time"),
  liveness: ofRun(
    "--liveness",
    "livenessMs",
    duration({ minMs: 1, maxMs: 24 * HOUR_MS }),
    "And then everybody must have been served within this time, beside what the uses themselves take",
  ),
};

/** All knobs. */
const KNOBS = { ...RING_LOAD_KNOBS, ...RING_FAULT_KNOBS };

/** The values of the knobs that were turned; undefined for the others. */
export type RingKnobValues = Values<typeof KNOBS>;

/** What can be done with all of them. */
export const RING_KNOBS = new KnobSet<RingSimulationOptions, typeof KNOBS>(KNOBS);

function knob<T>(made: Knob<T, RingSimulationOptions>): Knob<T, RingSimulationOptions> {
  return made;
}
