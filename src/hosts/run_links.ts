/**
 * The emulated links of one process in one run: from a topology, regions and what the user set.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { combineLinks, isPerfect, type LinkSpec, PERFECT_LINK } from "./link_spec.ts";
import { knownRegion, regionOf, type Topology } from "./topology.ts";

/** What a process knows about its links. */
export interface LinkSource {
  /** Delays between regions; null for none. */
  readonly topology: Topology | null;
  /** This process's region; null to have one given out in turn. */
  readonly region: string | null;
  /** What all links do, in place of what the topology says; null for nothing. */
  readonly link: Partial<LinkSpec> | null;
}

/**
 * The link from process `self` to each other one, or null if there is nothing to emulate.
 *
 * @param regions The members' own regions, by number; null for those that have none.
 * @throws {RangeError} If a member's region is not in the topology.
 */
export function linksOf(
  source: LinkSource,
  self: ProcessId,
  regions: readonly (string | null)[],
): ((to: ProcessId) => LinkSpec) | null {
  const { topology, link } = source;
  const specs = regions.map((region, p) => {
    const base = topology === null ? PERFECT_LINK : topology.link(
      knownRegion(topology, source.region ?? regionOf(topology, self)),
      knownRegion(topology, region ?? regionOf(topology, p)),
    );
    return combineLinks(base, link ?? {});
  });
  return specs.every(isPerfect) ? null : (to) => specs[to]!;
}
