/**
 * A swarm: each seed draws its own group, load and faults, and each kind of fault is switched off
 * in some of the runs, because one fault can hide another (Groce et al. 2012, "Swarm Testing").
 *
 * @module
 */

import type { Millis, Order } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { type Faults, PARTITION_MODES } from "./faults.ts";
import type { SimulationOptions } from "./order_simulation.ts";

/** Apart from the streams that the run itself draws from. */
const STREAM = 4;

/** The network has healed for so long when everything must have been delivered. */
export const LIVENESS_MS: Millis = 60_000;

/** A stream through small limits gets through a few segments in a round trip, and has more time. */
const STREAM_LIVENESS_MS: Millis = 10 * LIVENESS_MS;

/** Draws a run from its seed. Times are whole microseconds and rates whole thousandths, so that a
 * command line can say the same exactly. */
export function drawSwarmRun(seed: number, order: Order): SimulationOptions {
  const random = new Random([seed, STREAM]);
  const isOn = () => random.chance(0.6);
  const between = (min: number, max: number) => Math.round(random.between(min, max) * 1000) / 1000;
  const delayMinMs = isOn() ? between(0, 30) : 1;
  const faults: Faults = {
    delayMinMs,
    delayMeanMs: isOn() ? Math.max(delayMinMs, between(30, 100)) : delayMinMs,
    lossRate: isOn() ? between(0, 0.3) : 0,
    duplicateRate: isOn() ? between(0, 0.5) : 0,
    reorderRate: isOn() ? between(0, 0.3) : 0,
    clogs: isOn() ? 1 + random.below(4) : 0,
    clogMaxMs: 5000,
    partitions: isOn() ? 1 + random.below(3) : 0,
    partitionMaxMs: 2000,
    partitionModes: PARTITION_MODES,
    pauses: isOn() ? 1 + random.below(3) : 0,
    pauseMaxMs: 2000,
    crashes: random.chance(0.1) ? 1 : 0,
    slow: random.chance(0.2) ? 1 : 0,
    slowMs: between(0, 3),
    bufferBytes: 2000 + random.below(60_000),
  };
  const isBurst = random.chance(0.15);
  // A stream is long enough to fill what is bounded while a link is cut.
  const isStream = !isBurst && random.chance(0.03);
  const isTight = isStream || random.chance(0.3);
  return {
    seed,
    order,
    processes: 1 + random.below(random.chance(0.2) ? 8 : 5),
    messages: isStream ? 200 + random.below(600) : random.below(isBurst ? 150 : 25),
    intervalMinMs: 0,
    intervalMaxMs: isBurst ? 0 : between(0, 200),
    payloadBytes: random.chance(0.15) ? random.below(5000) : random.below(64),
    maxDatagramBytes: random.chance(0.3) ? 200 + random.below(400) : 1400,
    faults,
    links: null,
    faultPeriodMs: between(500, 5000),
    livenessMs: isStream ? STREAM_LIVENESS_MS : LIVENESS_MS,
    // A message of the largest size drawn here has 78 fragments in the smallest datagrams, and half of
    // the hold-back queue is for one message.
    ...(isTight ? { holdbackLimit: 256, aheadLimit: 64 } : {}),
  };
}
