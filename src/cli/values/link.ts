/**
 * What a link does to datagrams, on the command line: `delay=40ms,loss=1%`.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import {
  combineLinks,
  formatLinkSpec,
  type LinkSpec,
  parseLinkSpec,
  PERFECT_LINK,
} from "../../hosts/link_spec.ts";
import { valueParser } from "./value_parser.ts";

const KEYS = ["delay", "jitter", "loss", "duplicate", "reorder"];

/** A value parser for those knobs of a link that are named. */
export function link(): ValueParser<"sync", Partial<LinkSpec>> {
  return valueParser({
    metavar: "LINK",
    example: "delay=40ms",
    parse: parseLinkSpec,
    format: (spec) => formatLinkSpec(combineLinks(PERFECT_LINK, spec)),
    complete: completeLink,
  });
}

/** Offers the keys that aren't there yet after what is there already. */
function* completeLink(prefix: string): Generator<string> {
  const start = prefix.lastIndexOf(",") + 1;
  const written = prefix.slice(0, start);
  for (const key of KEYS) {
    if (!`,${written}`.includes(`,${key}=`)) yield `${written}${key}=`;
  }
}
