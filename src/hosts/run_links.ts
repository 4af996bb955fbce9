/**
 * The emulated links of one process in one run: from a topology, regions and what the user set.
 *
 * @module
 */

import type { ProcessId } from "../protocols/process.ts";
import { combineLinks, type LinkSpec, PERFECT_LINK } from "./link_spec.ts";
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
 * The link from process `self` to each other one, or null if the network is to be left as it is.
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
  if (topology === null && link === null) return null;
  const override = link ?? {};
  if (topology === null) {
    const spec = combineLinks(PERFECT_LINK, override);
    return () => spec;
  }
  const own = knownRegion(topology, source.region ?? regionOf(topology, self));
  const specs = regions.map((region, p) => {
    const other = knownRegion(topology, region ?? regionOf(topology, p));
    return combineLinks(topology.link(own, other), override);
  });
  return (to) => specs[to]!;
}
