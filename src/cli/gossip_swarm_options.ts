/**
 * `mpcomm simulate gossip --swarm`: gossip networks in a simulated world, under faults.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import type { InferValue } from "@optique/core/parser";
import { flag } from "@optique/core/primitives";
import { GOSSIP_BUGS } from "../simulator/gossip_bugs.ts";
import { GOSSIP_FAULT_KNOBS, GOSSIP_LOAD_KNOBS, GOSSIP_NETWORK_KNOBS } from "./gossip_knobs.ts";
import { knobOptions } from "./knobs.ts";
import { checkReaction } from "./mongering_options.ts";
import { maybe, toggle } from "./options.ts";
import { campaignOptions, checkDelays, LIST } from "./simulation_options.ts";
import { UsageError } from "./usage_error.ts";
import { word } from "./values/word.ts";

const { seed, runs, each } = campaignOptions;

/** Reads the options. */
export const gossipSwarm = merge(
  object("Swarm", {
    swarm: flag("--swarm", {
      description: [
        text("Simulate whole networks under faults: draw network, load and faults from each seed"),
      ],
      errors: { missing: [text("--swarm is missing")] },
    }),
    plain: toggle(
      ["--plain"],
      "Draw nothing: what isn't named has the default shown, which is a world without faults",
    ),
    ...{ seed, runs, each },
    bug: maybe(
      "--bug",
      word({ metavar: "NAME", noun: "mistake", known: [...GOSSIP_BUGS.keys(), LIST] }),
      "Run a deliberate mistake in place of the real protocol; list explains them all",
    ),
  }),
  object("Network of a swarm", {
    ...knobOptions(GOSSIP_NETWORK_KNOBS),
    feedback: toggle(["--feedback"], "Lose interest in a rumor by meeting who knows it already"),
    blind: toggle(["--blind"], "Lose interest in a rumor merely by telling it"),
  }),
  object("Load of a swarm", knobOptions(GOSSIP_LOAD_KNOBS)),
  object("Faults of a swarm", knobOptions(GOSSIP_FAULT_KNOBS)),
);

/** The options of `mpcomm simulate gossip --swarm`. */
export type GossipSwarmOptions = InferValue<typeof gossipSwarm>;

/** Refuses what doesn't go together. */
export function checkGossipSwarm(options: GossipSwarmOptions): void {
  checkReaction(options);
  checkDelays(options);
  const { probeInterval, probeTimeout } = options;
  if (probeInterval !== undefined && probeTimeout !== undefined && probeTimeout > probeInterval) {
    throw new UsageError("--probe-timeout: is above --probe-interval");
  }
}
