/**
 * A swarm of persistent multicasts: each seed draws its own members, load and faults, and each kind
 * of fault is switched off in some of the runs, because one fault can hide another.
 *
 * @module
 */

import { Random } from "../protocols/random.ts";
import type { PersistentFaults } from "./persistent_faults.ts";
import type { PersistentSimulationOptions } from "./persistent_options.ts";

/** Apart from the streams that the run itself draws from. */
const STREAM = 6;

/** Everything has healed for so long when everybody must have everything. */
export const PERSISTENT_LIVENESS_MS = 60_000;

/** Draws a run from its seed. Times are whole microseconds and rates whole thousandths, so that a
 * command line can say the same exactly. */
export function drawPersistentRun(seed: number): PersistentSimulationOptions {
  const random = new Random([seed, STREAM]);
  const isOn = (probability = 0.6) => random.chance(probability);
  const between = (min: number, max: number) => Math.round(random.between(min, max) * 1000) / 1000;
  const some = (max: number) => isOn() ? 1 + random.below(max) : 0;
  // Without a tail and on a grid of whole milliseconds, many times are equal to the millisecond.
  const isExact = isOn(0.4);
  const delayMinMs = isExact ? random.below(4) : between(0, 20);
  const hasTail = !isExact && isOn();
  const faults: PersistentFaults = {
    delayMinMs,
    delayMeanMs: hasTail ? delayMinMs + between(0, 30) : delayMinMs,
    breakRate: isOn() ? between(0, 0.05) : 0,
    repeatRate: isOn() ? between(0, 0.3) : 0,
    coordinatorCrashes: some(6),
    participantCrashes: some(6),
    downMaxMs: between(1, 1500),
    clockStepMaxMs: isOn(0.4) ? between(0, 10_000) : 0,
    pauses: some(3),
    pauseMaxMs: isOn(0.2) ? 6000 : between(1, 1000),
    storeFailures: isOn(0.3) ? 1 + random.below(2) : 0,
    storeFailureMaxMs: between(1, 500),
  };
  return {
    seed,
    participants: 1 + random.below(5),
    tdMs: isOn(0.15) ? 0 : isOn(0.2) ? 1 + random.below(10) : 10 + random.below(1000),
    messages: random.below(60),
    intervalMinMs: 0,
    intervalMaxMs: between(1, 100),
    gridMs: isExact ? 1 + random.below(5) : 0,
    payloadBytes: isOn(0.2) ? 500 : 12,
    disconnectRate: isOn(0.8) ? between(0, 0.3) : 0,
    deregisterRate: isOn(0.5) ? between(0, 0.1) : 0,
    syncMaxMs: isOn() ? between(0, 20) : 0,
    windowMessages: isOn(0.4) ? 1 + random.below(8) : 256,
    pushPauseMs: isOn() ? between(0, 5) : 0,
    faults,
    faultPeriodMs: between(500, 6000),
    livenessMs: PERSISTENT_LIVENESS_MS,
  };
}
