/**
 * IDs of participants.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { isMemberId, MAX_ID } from "../../hosts/persistent_limits.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads an ID: 1 to 64 characters without white space and control characters, the first of them no
 * hyphen, so that it can't be taken for an option.
 *
 * @throws {SyntaxError} If the text is anything else; the message quotes it.
 */
export function parseMemberId(text: string): string {
  if (isMemberId(text) && !text.startsWith("-")) return text;
  throw new SyntaxError(
    `expected an ID of 1 to ${MAX_ID} characters without blanks, the first one no hyphen, got ${
      quote(text)
    }`,
  );
}

/** A value parser for the ID of a participant. */
export function memberId(): ValueParser<"sync", string> {
  return valueParser({ metavar: "ID", example: "a", parse: parseMemberId, format: String });
}
