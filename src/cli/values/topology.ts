/**
 * Topologies on the command line: one that is built in, by name, or a file.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { BUILT_IN_TOPOLOGIES } from "../../hosts/topology_file.ts";
import { completePath, parsePath } from "./path.ts";
import { valueParser } from "./value_parser.ts";

/** A value parser for the name of a built-in topology or of a file; either is a string. */
export function topology(): ValueParser<"sync", string> {
  return valueParser({
    metavar: "TOPOLOGY",
    example: "lan",
    parse: parsePath,
    format: String,
    complete: (prefix) => [...BUILT_IN_TOPOLOGIES.keys(), completePath(prefix, "file")],
  });
}
