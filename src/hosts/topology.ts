/**
 * Where processes are and what the links between those places do: built-in topologies, and a text
 * format for one's own.
 *
 * ```text
 * # from  to  link: one way; the way back is the same unless it has a line of its own
 * home    home    delay=0.2ms
 * home    office  delay=12ms,jitter=3ms,loss=0.5%
 * office  home    delay=30ms,jitter=9ms
 * ```
 *
 * ```ts
 * import { parseTopology, regionOf } from "./topology.ts";
 *
 * const topology = parseTopology("eu us delay=40ms\nus ap delay=75ms\neu ap delay=90ms", "my.txt");
 * console.assert(topology.link("us", "eu").delayMs === 40);
 * console.assert(topology.roundTripMs("eu", "ap") === 180);
 * console.assert(regionOf(topology, 4) === "us");
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { combineLinks, type LinkSpec, parseLinkSpec, PERFECT_LINK } from "./link_spec.ts";

/** A set of regions and a link from each to each, itself included. */
export interface Topology {
  /** What it was asked for by: a built-in name or a file. */
  readonly name: string;
  /** At least one, in the order in which they are given out to processes. */
  readonly regions: readonly string[];
  /**
   * What happens to a datagram on its way from a process of one region to a process of the other,
   * or to another process of the same region.
   *
   * @throws {RangeError} If there is no such region; the message names it and the known ones.
   */
  link(from: string, to: string): LinkSpec;
  /**
   * The mean time there and back, in milliseconds.
   *
   * @throws {RangeError} If there is no such region.
   */
  roundTripMs(a: string, b: string): Millis;
}

/** A link as a topology lists it. */
export interface DirectedLink {
  readonly from: string;
  readonly to: string;
  readonly spec: LinkSpec;
}

/**
 * Makes a topology of directed links. A pair that has only one direction is symmetric, and a region
 * without a link to itself has a perfect one. The regions are ordered by first mention.
 *
 * @throws {RangeError} If there is no link, or a pair of regions has none; the message names it.
 */
export function createTopology(name: string, links: Iterable<DirectedLink>): Topology {
  const rows = new Map<string, Map<string, LinkSpec>>();
  for (const { from, to, spec } of links) {
    row(rows, from).set(to, spec);
    row(rows, to);
  }
  const regions = [...rows.keys()];
  if (regions.length === 0) throw new RangeError("There is no region: write REGION REGION LINK");
  complete(rows, regions);

  function link(from: string, to: string): LinkSpec {
    const spec = rows.get(from)?.get(to);
    if (spec !== undefined) return spec;
    throw unknownRegion(topology, rows.has(from) ? to : from);
  }
  const topology: Topology = {
    name,
    regions,
    link,
    roundTripMs: (a, b) => link(a, b).delayMs + link(b, a).delayMs,
  };
  return topology;
}

/**
 * Reads the text format: lines of `REGION REGION LINK`, fields separated by blanks, where LINK is
 * what {@linkcode parseLinkSpec} reads. `#` at the beginning of a line or after a blank begins a
 * comment; blank lines don't count; lines may end in CRLF.
 *
 * @param fileName What the messages and the topology are to call it.
 * @throws {SyntaxError} If a line is wrong, a pair comes twice, a pair is missing, or there is no
 *   region; the message is one line, with the file and, where there is one, the line:
 *   `topology.txt:3: ...`.
 */
export function parseTopology(text: string, fileName: string): Topology {
  const links = new Map<string, DirectedLink & { readonly line: number }>();
  for (const [index, content] of text.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    const line = index + 1;
    const fields = content.replace(/(^|\s)#.*$/, "").trim().split(/\s+/);
    if (fields[0] === "") continue; // blank, or nothing but a comment
    const link = inContext(`${fileName}:${line}`, () => parseLine(fields));
    const pair = `${link.from} ${link.to}`;
    const earlier = links.get(pair);
    if (earlier !== undefined) {
      throw new SyntaxError(`${fileName}:${line}: ${pair} is already on line ${earlier.line}`);
    }
    links.set(pair, { ...link, line });
  }
  return inContext(fileName, () => createTopology(fileName, links.values()));
}

/** The region of a process: regions are given out in turn, so process `i` of a topology with R
 * regions lives in region `i mod R`. */
export function regionOf(topology: Topology, process: ProcessId): string {
  const region = topology.regions[process % topology.regions.length];
  if (region === undefined) throw new RangeError(`Not a process number: ${process}`);
  return region;
}

/**
 * The region itself, if the topology has it.
 *
 * @throws {RangeError} If it doesn't; the message names the region and the known ones.
 */
export function knownRegion(topology: Topology, region: string): string {
  if (!topology.regions.includes(region)) throw unknownRegion(topology, region);
  return region;
}

function parseLine(fields: readonly string[]): DirectedLink {
  const [from, to, link, excess] = fields;
  if (from === undefined || to === undefined || link === undefined) {
    throw new SyntaxError("Expected REGION REGION LINK, such as: eu us delay=40ms,jitter=5ms");
  }
  if (excess !== undefined) {
    throw new SyntaxError(`Unexpected ${JSON.stringify(excess)}: a link is written without blanks`);
  }
  const spec = Object.freeze(combineLinks(PERFECT_LINK, parseLinkSpec(link)));
  return { from, to, spec };
}

function row(rows: Map<string, Map<string, LinkSpec>>, from: string): Map<string, LinkSpec> {
  let links = rows.get(from);
  if (links === undefined) {
    links = new Map();
    rows.set(from, links);
  }
  return links;
}

/** Adds the ways back that were not listed, and the links within regions. */
function complete(rows: Map<string, Map<string, LinkSpec>>, regions: readonly string[]): void {
  for (const [index, a] of regions.entries()) {
    const fromA = row(rows, a);
    if (!fromA.has(a)) fromA.set(a, PERFECT_LINK);
    for (const b of regions.slice(index + 1)) {
      const fromB = row(rows, b);
      const link = fromA.get(b) ?? fromB.get(a);
      if (link === undefined) throw new RangeError(`No link between ${a} and ${b}`);
      fromA.set(b, link);
      fromB.set(a, fromB.get(a) ?? link);
    }
  }
}

function unknownRegion(topology: Topology, region: string): RangeError {
  const known = topology.regions.join(", ");
  return new RangeError(`No region ${JSON.stringify(region)} in ${topology.name}: use ${known}`);
}

/** Puts where it happened in front of what the user did wrong. */
function inContext<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new SyntaxError(`${place}: ${error.message}`);
  }
}
