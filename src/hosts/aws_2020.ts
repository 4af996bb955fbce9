/**
 * Nine regions of Amazon's cloud as they were measured on 2020-06-05: the topology `aws-2020`.
 *
 * The table holds mean round trips; one way is taken to be half. Jitter was not measured: 1 % of the
 * delay is put in its place, enough that datagrams overtake each other as they do on such links.
 * There is no loss, since the links between regions lose next to nothing; `--loss` adds some.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { combineLinks, PERFECT_LINK } from "./link_spec.ts";
import { createTopology, type DirectedLink, type Topology } from "./topology.ts";

const REGIONS = [
  "us-east-1",
  "us-west-2",
  "sa-east-1",
  "eu-west-1",
  "eu-central-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-northeast-1",
  "ap-southeast-2",
] as const;

/** Round trips in milliseconds: row i holds region i with itself and with each that follows. */
const ROUND_TRIPS_MS: readonly (readonly Millis[])[] = [
  [0.3, 72.5, 113.0, 70.5, 85.6, 181.8, 235.8, 152.4, 198.0],
  [0.3, 180.3, 127.3, 157.5, 223.2, 162.7, 100.9, 138.5],
  [0.2, 183.6, 203.1, 299.4, 338.1, 267.9, 308.8],
  [0.1, 23.8, 118.3, 186.6, 204.4, 253.7],
  [0.1, 111.5, 178.0, 243.9, 281.9],
  [0.1, 63.1, 136.7, 143.3],
  [0.2, 77.0, 90.5],
  [0.1, 104.1],
  [0.1],
];

/** Jitter as a share of the one-way delay. */
const JITTER_SHARE = 0.01;

/** The topology `aws-2020`: nine regions, one-way delays of 0.05 to 169.05 ms. */
export const AWS_2020: Topology = createTopology("aws-2020", links());

function* links(): Generator<DirectedLink> {
  for (const [index, row] of ROUND_TRIPS_MS.entries()) {
    for (const [offset, roundTripMs] of row.entries()) {
      const delayMs = roundTripMs / 2;
      const spec = combineLinks(PERFECT_LINK, { delayMs, jitterMs: delayMs * JITTER_SHARE });
      yield { from: REGIONS[index]!, to: REGIONS[index + offset]!, spec: Object.freeze(spec) };
    }
  }
}
