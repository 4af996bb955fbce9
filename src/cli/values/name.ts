/**
 * Names of processes.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

const NAME_LENGTH_MAX = 64;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u;

/**
 * Reads a name: 1 to 64 letters and digits of any script, dots, hyphens, underscores and colons,
 * a letter or a digit first. So a name fits into a line of a table and can't be taken for an option.
 *
 * @throws {SyntaxError} If the text is anything else; the message quotes it.
 */
export function parseName(text: string): string {
  if (NAME.test(text) && [...text].length <= NAME_LENGTH_MAX) return text;
  throw new SyntaxError(
    `expected a name of 1 to ${NAME_LENGTH_MAX} letters, digits, ".", "-", "_" and ":", got ${
      quote(text)
    }`,
  );
}

/** A value parser for the name of a process. */
export function name(): ValueParser<"sync", string> {
  return valueParser({ metavar: "NAME", example: "a", parse: parseName, format: String });
}
