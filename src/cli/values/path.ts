/**
 * Names of files and folders. Whether they are there is for the command to find out.
 *
 * @module
 */

import type { Suggestion } from "@optique/core/parser";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads the name of a file or folder. A leading hyphen is refused: it is most likely the next
 * option, after one whose value was forgotten.
 *
 * @throws {SyntaxError} If the name is empty, begins with a hyphen or has a NUL in it.
 */
export function parsePath(text: string): string {
  if (text === "") throw new SyntaxError("A name of a file or folder is empty");
  if (text.startsWith("-")) {
    throw new SyntaxError(`${quote(text)} looks like an option: write ./${text} for a file`);
  }
  if (text.includes("\0")) throw new SyntaxError(`${quote(text)} can't be the name of a file`);
  return text;
}

/** A value parser for the name of a file. */
export function file(): ValueParser<"sync", string> {
  return pathParser("FILE", "file");
}

/** A value parser for the name of a folder. */
export function directory(): ValueParser<"sync", string> {
  return pathParser("DIR", "directory");
}

/** Lets the shell complete names of files or folders after the prefix. */
export function completePath(prefix: string, type: "file" | "directory"): Suggestion {
  return { kind: "file", type, pattern: prefix };
}

function pathParser(metavar: "FILE" | "DIR", type: "file" | "directory") {
  return valueParser({
    metavar,
    example: "name",
    parse: parsePath,
    format: String,
    complete: (prefix) => [completePath(prefix, type)],
  });
}
