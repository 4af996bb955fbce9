/**
 * Names of a topology's regions.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { AWS_2020 } from "../../hosts/aws_2020.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads the name of a region: anything without blanks, as in topology files, that can't be taken
 * for an option. Whether the topology has it is for the command to find out.
 *
 * @throws {SyntaxError} If the text is empty, has a blank in it, or begins with a hyphen.
 */
export function parseRegion(text: string): string {
  if (/^[^\s-]\S*$/.test(text)) return text;
  throw new SyntaxError(`expected the name of a region, such as us-east-1, got ${quote(text)}`);
}

/** A value parser for the name of a region. */
export function region(): ValueParser<"sync", string> {
  return valueParser({
    metavar: "REGION",
    example: "us-east-1",
    parse: parseRegion,
    format: String,
    complete: () => AWS_2020.regions,
  });
}
