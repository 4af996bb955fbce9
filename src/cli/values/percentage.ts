/**
 * Percentages on the command line.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { formatPercentage, parsePercentage } from "../../hosts/quantity.ts";
import { valueParser } from "./value_parser.ts";

/** A value parser for a percentage from `0%` to `100%`; its value is a share from 0 to 1. */
export function percentage(): ValueParser<"sync", number> {
  return valueParser({
    metavar: "PERCENT",
    example: "0%",
    parse: parsePercentage,
    format: formatPercentage,
  });
}
