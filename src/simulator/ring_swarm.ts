/**
 * A swarm of token rings: each seed draws its own ring, load and faults, and each kind of fault is
 * switched off in some of the runs, because one fault can hide another.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { MAX_DRIFT } from "../protocols/token_ring/lease.ts";
import { PARTITION_MODES } from "./faults.ts";
import { NO_RING_FAULTS, type RingFaults } from "./ring_faults.ts";
import type { RingSimulationOptions } from "./ring_options.ts";

/** Apart from the streams that the run itself draws from. */
const STREAM = 6;

/** A ring that is well for so many leases has a token. */
export const RECOVERY_LEASES = 10;

/** Nobody has asked for so long when everybody must have been served. */
export const RING_LIVENESS_MS: Millis = 120_000;

/** Draws a run from its seed. Times are whole microseconds and rates whole thousandths, so that a
 * command line can say the same exactly. */
export function drawRingRun(seed: number): RingSimulationOptions {
  const random = new Random([seed, STREAM]);
  const isOn = (probability = 0.6) => random.chance(probability);
  const between = (min: number, max: number) => Math.round(random.between(min, max) * 1000) / 1000;
  const leaseMs = isOn() ? 1500 : 500 + random.below(2500);
  // Leases that run out while they are in use, and hardly anything else.
  const isOverrun = isOn(0.3);
  // Among them: nodes that come and go, in a network of which each sees another part.
  const isPatchy = isOverrun && isOn(0.35);
  const nodes = isPatchy
    ? 3
    : isOverrun
    ? 3 + random.below(3)
    : 1 + random.below(isOn(0.2) ? 9 : 5);
  const isBusy = isOverrun || isOn(0.2);
  return {
    seed,
    nodes,
    leaseMs,
    paceMs: isOn(0.7) ? 1000 : between(5, 1000),
    starters: isOn() ? 1 : 1 + random.below(nodes),
    startMaxMs: isOn(0.5) ? 0 : between(0, 500),
    lateNodes: isOn(0.3) ? random.below(nodes) : 0,
    wishRate: isOn(0.3) ? 0.5 : 0,
    users: isOn() ? 1 : 1 + random.below(3),
    pauseMinMs: 0,
    pauseMaxMs: isBusy ? between(0, 5) : between(5, 2000),
    holdMaxMs: isBusy ? between(0, 20) : between(0, 200),
    longHoldRate: isOverrun ? between(0.5, 1) : isOn() ? between(0, 0.3) : 0,
    longHoldMaxMs: 2 * leaseMs,
    giveUpRate: isOn() ? 0.2 : 0,
    patienceMaxMs: between(1, 1000),
    faults: isPatchy ? drawPatchy() : isOverrun ? drawOverrun() : drawFaults(),
    faultPeriodMs: isPatchy ? 30 * leaseMs : isOverrun ? 10 * leaseMs : between(2000, 15_000),
    recoveryMs: RECOVERY_LEASES * leaseMs,
    loadMs: between(500, 3000),
    livenessMs: RING_LIVENESS_MS,
  };

  function drawFaults(): RingFaults {
    const some = (max: number) => isOn() ? 1 + random.below(max) : 0;
    const delayMinMs = isOn() ? between(0.1, 1) : between(1, leaseMs / 100);
    return {
      delayMinMs,
      delayMeanMs: isOn() ? between(delayMinMs, delayMinMs + leaseMs / 100) : delayMinMs,
      lossRate: isOn() ? between(0, 0.3) : 0,
      duplicateRate: isOn() ? between(0, 0.5) : 0,
      reorderRate: isOn() ? between(0, 0.3) : 0,
      clogs: some(4),
      clogMaxMs: 5000,
      partitions: some(4),
      partitionMaxMs: 4 * leaseMs,
      partitionModes: PARTITION_MODES,
      pauses: some(4),
      pauseMaxMs: isOn() ? 3 * leaseMs : leaseMs / 2,
      bufferBytes: isOn(0.8) ? NO_RING_FAULTS.bufferBytes : 2000 + random.below(10_000),
      crashes: some(5),
      holderCrashes: some(4),
      downMaxMs: isOn() ? between(1, 500) : between(1, 3 * leaseMs),
      holderPauses: some(4),
      holderCuts: some(4),
      linkCuts: some(6),
      leaves: some(4),
      driftRate: isOn() ? MAX_DRIFT : 0,
      lateMaxMs: isOn(0.3) ? between(0, 20) : 0,
    };
  }

  /** The network is fast, so that a hundredth of a lease matters. */
  function drawOverrun(): RingFaults {
    const delayMinMs = between(0.1, 0.5);
    return {
      ...NO_RING_FAULTS,
      ...{ delayMinMs, delayMeanMs: delayMinMs },
      partitionMaxMs: 3 * leaseMs,
      pauseMaxMs: 3 * leaseMs,
      holderCuts: 3 + random.below(4),
      linkCuts: random.below(8),
      holderPauses: random.below(3),
      driftRate: MAX_DRIFT,
    };
  }

  function drawPatchy(): RingFaults {
    return {
      ...drawOverrun(),
      ...{ holderCuts: 0, linkCuts: 10 + random.below(20) },
      ...{ leaves: 30 + random.below(30), downMaxMs: between(10, 100) },
    };
  }
}
