/**
 * The knobs of a simulated run of persistent multicast.
 *
 * @module
 */

import { NO_PERSISTENT_FAULTS, type PersistentFaults } from "../simulator/persistent_faults.ts";
import type { PersistentSimulationOptions } from "../simulator/persistent_options.ts";
import { PERSISTENT_LIVENESS_MS } from "../simulator/persistent_swarm.ts";
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

const HOUR_MS = 3_600_000;
/** A little less than the protocol takes. */
const LARGEST_PAYLOAD_BYTES = 1_000_000;

/** A run in which no knob was turned. */
export function plainPersistentRun(seed: number): PersistentSimulationOptions {
  return {
    seed,
    participants: 3,
    tdMs: 500,
    messages: 50,
    intervalMinMs: 5,
    intervalMaxMs: 50,
    gridMs: 0,
    payloadBytes: 100,
    disconnectRate: 0.1,
    deregisterRate: 0.01,
    syncMaxMs: 1,
    windowMessages: 256,
    pushPauseMs: 0,
    faults: NO_PERSISTENT_FAULTS,
    faultPeriodMs: 5000,
    livenessMs: PERSISTENT_LIVENESS_MS,
  };
}

const ofRun = knobMaker(plainPersistentRun(0));
const ofFaults = faultKnobMaker<PersistentFaults, PersistentSimulationOptions>(
  NO_PERSISTENT_FAULTS,
);
const spell = duration({ minMs: 0, maxMs: HOUR_MS });
const times = wholeNumber("N", { min: 0, max: 1000 });

/** Who takes part, and what they do. */
export const PERSISTENT_LOAD_KNOBS = {
  participants: ofRun(
    "--participants",
    "participants",
    wholeNumber("N", { min: 1, max: 100 }),
    "Participants",
  ),
  td: ofRun(
    "--td",
    "tdMs",
    spell,
    "The persistence threshold; who disconnects often comes back after about this",
  ),
  messages: ofRun(
    "--messages",
    "messages",
    wholeNumber("M", { min: 0, max: 100_000 }),
    "Messages from each participant, as far as it gets to",
  ),
  interval: knob({
    flag: "--interval",
    value: interval(HOUR_MS),
    description: "Time between two commands of a participant, drawn from a range such as 5-20ms, " +
      "or always the same (default: 5-50ms)",
    get: ({ intervalMinMs, intervalMaxMs }) => ({ minMs: intervalMinMs, maxMs: intervalMaxMs }),
    set: (run, { minMs, maxMs }) => ({ ...run, intervalMinMs: minMs, intervalMaxMs: maxMs }),
  }),
  grid: ofRun(
    "--grid",
    "gridMs",
    spell,
    "Commands are given at multiples of this time, so that many times are equal; 0ms for none",
  ),
  payload: ofRun(
    "--payload",
    "payloadBytes",
    byteSize({ min: 0, max: LARGEST_PAYLOAD_BYTES }),
    "Size up to which messages are drawn, in bytes or as in 64KiB",
  ),
  disconnects: ofRun(
    "--disconnects",
    "disconnectRate",
    percentage(),
    "Share of the commands that disconnect, rather than send",
  ),
  deregisters: ofRun(
    "--deregisters",
    "deregisterRate",
    percentage(),
    "Share of the commands that deregister",
  ),
  syncMax: ofRun(
    "--sync-max",
    "syncMaxMs",
    spell,
    "A participant's disk takes up to this to make its log durable",
  ),
  window: ofRun(
    "--window",
    "windowMessages",
    wholeNumber("N", { min: 1, max: 100_000 }),
    "Messages that may be on their way to one participant",
  ),
  pushPause: ofRun(
    "--push-pause",
    "pushPauseMs",
    spell,
    "After a push the coordinator waits for so long, for each participant that it went to",
  ),
};

/** What goes wrong, when, and until when. */
export const PERSISTENT_FAULT_KNOBS = {
  delayMin: ofFaults("--delay-min", "delayMinMs", spell, "Nothing is faster, one way"),
  delayMean: ofFaults(
    "--delay-mean",
    "delayMeanMs",
    spell,
    "Mean one-way delay: what is beyond the minimum is an exponential tail",
  ),
  breaks: ofFaults(
    "--breaks",
    "breakRate",
    percentage(),
    "Probability that a connection breaks, for each message on it",
  ),
  repeats: ofFaults(
    "--repeats",
    "repeatRate",
    percentage(),
    "Share of the requests that come once more after they were granted",
  ),
  coordinatorCrashes: ofFaults(
    "--coordinator-crashes",
    "coordinatorCrashes",
    times,
    "How often the coordinator is made to crash, between any two of its steps; never while it is down",
  ),
  participantCrashes: ofFaults(
    "--participant-crashes",
    "participantCrashes",
    times,
    "How often some participant crashes",
  ),
  downMax: ofFaults(
    "--down-max",
    "downMaxMs",
    spell,
    "Who has crashed is started again after up to this",
  ),
  clockStepMax: ofFaults(
    "--clock-step-max",
    "clockStepMaxMs",
    spell,
    "While the coordinator is down, its machine's clock is set back or forward by up to this",
  ),
  pauses: ofFaults(
    "--pauses",
    "pauses",
    times,
    "How often some participant stands still, as after SIGSTOP",
  ),
  pauseMax: ofFaults("--pause-max", "pauseMaxMs", spell, "A pause lasts up to this"),
  storeFailures: ofFaults(
    "--store-failures",
    "storeFailures",
    times,
    "How often the coordinator's store fails, as on a full disk",
  ),
  storeFailureMax: ofFaults(
    "--store-failure-max",
    "storeFailureMaxMs",
    spell,
    "A failure of the store lasts up to this",
  ),
  faultPeriod: knob({
    flag: "--fault-period",
    value: duration({ minMs: 0, maxMs: 24 * HOUR_MS }),
    description: "How long things go wrong; then everything heals (default: as long as there are " +
      "messages to send, at least 5s)",
    get: ({ faultPeriodMs }) => faultPeriodMs,
    set: (run, faultPeriodMs) => ({ ...run, faultPeriodMs }),
  }),
  liveness: ofRun(
    "--liveness",
    "livenessMs",
    duration({ minMs: 1, maxMs: 24 * HOUR_MS }),
    "Once everything has healed, everybody must have everything within this time",
  ),
};

/** All knobs. */
const KNOBS = { ...PERSISTENT_LOAD_KNOBS, ...PERSISTENT_FAULT_KNOBS };

/** The values of the knobs that were turned; undefined for the others. */
export type PersistentKnobValues = Values<typeof KNOBS>;

/** What can be done with all of them. */
export const PERSISTENT_KNOBS = new KnobSet<PersistentSimulationOptions, typeof KNOBS>(KNOBS);

function knob<T>(
  made: Knob<T, PersistentSimulationOptions>,
): Knob<T, PersistentSimulationOptions> {
  return made;
}
