/**
 * A swarm of gossip networks: each seed draws its own network, settings, load and faults, and each kind of
 * fault is switched off in some of the runs, because one fault can hide another.
 *
 * @module
 */

import { GOSSIP_MODES } from "../protocols/gossip/gossip_options.ts";
import { Random } from "../protocols/random.ts";
import { PARTITION_MODES } from "./faults.ts";
import { recoveryMsOf, spreadMsOf } from "./gossip_bounds.ts";
import { type GossipFaults, NO_GOSSIP_FAULTS } from "./gossip_faults.ts";
import type { GossipSimulationOptions } from "./gossip_options.ts";

/** Apart from the streams that the run itself draws from. */
const STREAM = 6;

const MIB_BYTES = 1024 * 1024;

/** Draws a run from its seed. Times are whole microseconds and rates whole thousandths, so that a
 * command line can say the same exactly. */
export function drawGossipRun(seed: number): GossipSimulationOptions {
  const random = new Random([seed, STREAM]);
  const isOn = (probability = 0.6) => random.chance(probability);
  const between = (min: number, max: number) => Math.round(random.between(min, max) * 1000) / 1000;
  const oneOf = <T>(choices: readonly T[]) => choices[random.below(choices.length)]!;
  const nodes = 3 + random.below(isOn(0.15) ? 28 : 8);
  const probeIntervalMs = isOn(0.3) ? 1000 : between(200, 1000);
  const isShort = isOn(0.15);
  const run: GossipSimulationOptions = {
    seed,
    nodes,
    mode: isOn(0.7) ? "push" : oneOf(GOSSIP_MODES),
    reaction: isOn(0.7) ? "feedback" : "blind",
    stop: isOn(0.7) ? "counter" : "coin",
    k: 1 + random.below(isOn(0.8) ? 5 : 10),
    fanout: 1 + random.below(3),
    intervalMs: isOn() ? 200 : between(50, 1000),
    antiEntropyMs: isOn(0.8) ? between(300, 2000) : between(2000, 10_000),
    probeIntervalMs,
    probeTimeoutMs: probeIntervalMs / 2,
    indirectProbes: random.below(4),
    suspicionMs: 5 * probeIntervalMs,
    wantsReceipts: isOn(0.5),
    keepRumors: isShort && isOn(0.7) ? 1 + random.below(50) : 100_000,
    keepBytes: isShort && isOn(0.7) ? 2000 + random.below(200_000) : 64 * MIB_BYTES,
    lateNodes: isOn(0.3) ? random.below(nodes) : 0,
    sayMeanMs: nodes * between(100, 2000),
    burstRate: isOn(0.3) ? between(0, 0.3) : 0,
    burstMax: isOn(0.3) ? 100 : 20,
    largeRate: isOn(0.4) ? between(0, 0.3) : 0,
    largeMaxChars: 20_000,
    faults: drawFaults(),
    faultPeriodMs: between(5000, 30_000),
    recoveryMs: 0,
    loadMs: between(1000, 10_000),
    livenessMs: 0,
  };
  return { ...run, recoveryMs: recoveryMsOf(run), livenessMs: spreadMsOf(run) };

  function drawFaults(): GossipFaults {
    const some = (max: number) => isOn(0.5) ? 1 + random.below(max) : 0;
    const delayMinMs = isOn() ? between(0.1, 1) : between(1, probeIntervalMs / 50);
    return {
      delayMinMs,
      delayMeanMs: isOn() ? between(delayMinMs, delayMinMs + probeIntervalMs / 100) : delayMinMs,
      lossRate: isOn() ? between(0, 0.4) : 0,
      calmLossRate: isOn() ? between(0, 0.1) : 0,
      duplicateRate: isOn(0.5) ? between(0, 0.5) : 0,
      reorderRate: isOn(0.5) ? between(0, 0.3) : 0,
      clogs: some(6),
      clogMaxMs: 5000,
      partitions: some(3),
      partitionMaxMs: between(1000, 20_000),
      partitionModes: PARTITION_MODES,
      linkCuts: some(10),
      pauses: some(4),
      pauseMaxMs: isOn() ? 3000 : between(100, 15_000),
      bufferBytes: isOn(0.8) ? NO_GOSSIP_FAULTS.bufferBytes : 500 + random.below(20_000),
      crashes: some(6),
      outages: some(2),
      outageShare: 0.3,
      leaves: some(3),
      downMaxMs: isOn(0.5) ? between(1, 1000) : between(1000, 10_000),
      gone: some(2),
      driftRate: isOn() ? 0.01 : 0,
      lateMaxMs: isOn(0.3) ? between(0, 20) : 0,
    };
  }
}
