/**
 * The knobs of a simulated run of ordered multicast.
 *
 * @module
 */

import type { Order } from "../protocols/process.ts";
import { type Faults, NO_FAULTS, PARTITION_MODES } from "../simulator/faults.ts";
import type { SimulationOptions } from "../simulator/order_simulation.ts";
import { LIVENESS_MS } from "../simulator/swarm.ts";
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
import { powerOfTwo } from "./values/power_of_two.ts";
import { wholeNumber } from "./values/whole_number.ts";
import { wordList } from "./values/word.ts";

const HOUR_MS = 3_600_000;
const MIB_BYTES = 1024 * 1024;
const SHORTEST_FAULT_PERIOD_MS = 5000;

/** A run in which no knob was turned. */
export function plainRun(seed: number, order: Order): SimulationOptions {
  return {
    seed,
    order,
    processes: 3,
    messages: 50,
    intervalMinMs: 5,
    intervalMaxMs: 20,
    payloadBytes: 100,
    maxDatagramBytes: 1400,
    faults: NO_FAULTS,
    links: null,
    faultPeriodMs: SHORTEST_FAULT_PERIOD_MS,
    livenessMs: LIVENESS_MS,
  };
}

/** How long things go wrong where nothing is said about it: as long as there is something to
 * multicast. */
export function faultPeriodOf(
  { messages, intervalMaxMs }: Pick<SimulationOptions, "messages" | "intervalMaxMs">,
): number {
  return Math.max(SHORTEST_FAULT_PERIOD_MS, Math.ceil(messages * intervalMaxMs));
}

const ofRun = knobMaker(plainRun(0, "lamport"));
const ofFaults = faultKnobMaker<Faults, SimulationOptions>(NO_FAULTS);

/** Who multicasts, and how much. */
export const LOAD_KNOBS = {
  peers: ofRun("--peers", "processes", wholeNumber("N", { min: 1, max: 100 }), "Processes"),
  messages: ofRun(
    "--messages",
    "messages",
    wholeNumber("M", { min: 0, max: 1_000_000 }),
    "Messages from each process",
  ),
  interval: knob({
    flag: "--interval",
    value: interval(HOUR_MS),
    description: "Time between two multicasts of a process, drawn from a range such as 5-20ms, " +
      "or always the same; 0ms means as fast as flow control lets it (default: 5-20ms)",
    get: ({ intervalMinMs, intervalMaxMs }) => ({ minMs: intervalMinMs, maxMs: intervalMaxMs }),
    set: (run, { minMs, maxMs }) => ({ ...run, intervalMinMs: minMs, intervalMaxMs: maxMs }),
  }),
  payloadBytes: ofRun(
    "--payload",
    "payloadBytes",
    byteSize({ min: 0, max: MIB_BYTES }),
    "Size of a message in bytes, or as in 64KiB",
  ),
  datagramBytes: ofRun(
    "--datagram",
    "maxDatagramBytes",
    byteSize({ min: 200, max: 65_507 }),
    "Largest datagram; what doesn't fit is cut into fragments",
  ),
  heldBack: knob({
    flag: "--held-back",
    value: powerOfTwo("N", { min: 256, max: 32_768 }),
    description:
      "Fragments of one process that may wait for their turn, a power of two (default: " +
      "what the protocol takes)",
    get: ({ holdbackLimit }) => holdbackLimit,
    set: (run, holdbackLimit) => ({ ...run, holdbackLimit }),
  }),
  ahead: knob({
    flag: "--ahead",
    value: powerOfTwo("N", { min: 64, max: 32_768 }),
    description: "Fragments of one process that may arrive before their turn, a power of two " +
      "(default: what the protocol takes)",
    get: ({ aheadLimit }) => aheadLimit,
    set: (run, aheadLimit) => ({ ...run, aheadLimit }),
  }),
};

/** What goes wrong, when, and until when. */
export const FAULT_KNOBS = {
  delayMin: ofFaults(
    "--delay-min",
    "delayMinMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "No datagram is faster, one way",
  ),
  delayMean: ofFaults(
    "--delay-mean",
    "delayMeanMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "Mean one-way delay: what is beyond the minimum is an exponential tail, in which datagrams " +
      "overtake each other",
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
    "Share of the datagrams that are held back by up to 50ms, so that later ones overtake them",
  ),
  clogs: ofFaults(
    "--clogs",
    "clogs",
    wholeNumber("N", { min: 0, max: 1000 }),
    "How often a link is clogged, one way: what is sent meanwhile arrives after the end of it",
  ),
  clogMax: ofFaults(
    "--clog-max",
    "clogMaxMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "A clog lasts up to this",
  ),
  partitions: ofFaults(
    "--partitions",
    "partitions",
    wholeNumber("N", { min: 0, max: 250 }),
    "How often the group is partitioned: what is sent across meanwhile is lost",
  ),
  partitionMax: ofFaults(
    "--partition-max",
    "partitionMaxMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "A partition lasts up to this",
  ),
  partitionMode: ofFaults(
    "--partition-mode",
    "partitionModes",
    wordList({ metavar: "MODE", noun: "partition mode", known: PARTITION_MODES }),
    "What a partition may be: symmetric (nothing passes between two halves), one-way (nothing " +
      "passes one way), isolate (one process is alone)",
  ),
  pauses: ofFaults(
    "--pauses",
    "pauses",
    wholeNumber("N", { min: 0, max: 1000 }),
    "How often a process stands still, as after SIGSTOP",
  ),
  pauseMax: ofFaults(
    "--pause-max",
    "pauseMaxMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "A pause lasts up to this",
  ),
  crashes: ofFaults(
    "--crashes",
    "crashes",
    wholeNumber("N", { min: 0, max: 99 }),
    "Processes that crash for good, at most all but one; the others then deliver nothing wrong, " +
      "but need not come to the end",
  ),
  slow: ofFaults(
    "--slow",
    "slow",
    wholeNumber("N", { min: 0, max: 100 }),
    "Processes that are slow to receive",
  ),
  slowDelay: ofFaults(
    "--slow-delay",
    "slowMs",
    duration({ minMs: 0, maxMs: HOUR_MS }),
    "How long a datagram keeps a slow process busy",
  ),
  buffer: ofFaults(
    "--buffer",
    "bufferBytes",
    byteSize({ min: 0, max: 1024 * MIB_BYTES }),
    "What waits for a slow or a paused process, at most; what overflows is lost",
  ),
  faultPeriod: knob({
    flag: "--fault-period",
    value: duration({ minMs: 0, maxMs: 24 * HOUR_MS }),
    description: "How long things go wrong; then the network heals (default: as long as there " +
      "are messages to multicast, at least 5s)",
    get: ({ faultPeriodMs }) => faultPeriodMs,
    set: (run, faultPeriodMs) => ({ ...run, faultPeriodMs }),
  }),
  liveness: ofRun(
    "--liveness",
    "livenessMs",
    duration({ minMs: 1, maxMs: 24 * HOUR_MS }),
    "Once the network has healed and the last message is multicast, all must be delivered within " +
      "this time",
  ),
};

/** All knobs. */
const KNOBS = { ...LOAD_KNOBS, ...FAULT_KNOBS };

/** The values of the knobs that were turned; undefined for the others. */
export type KnobValues = Values<typeof KNOBS>;

/** What can be done with all of them. */
export const ORDER_KNOBS = new KnobSet<SimulationOptions, typeof KNOBS>(KNOBS);

function knob<T>(made: Knob<T, SimulationOptions>): Knob<T, SimulationOptions> {
  return made;
}
