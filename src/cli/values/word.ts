/**
 * Words out of a known few, one or several.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/** The words that will do, and what they are. */
export interface WordKind<Word extends string> {
  /** What stands for a word in the help, such as `MODE`. */
  readonly metavar: NonEmptyString;
  /** What a word is, such as `partition mode`. */
  readonly noun: string;
  readonly known: readonly Word[];
}

/**
 * Reads one of the known words.
 *
 * @throws {SyntaxError} If it is unknown; the message quotes it and says what may be meant.
 */
export function parseWord<Word extends string>(text: string, kind: WordKind<Word>): Word {
  const word = kind.known.find((known) => known === text);
  if (word !== undefined) return word;
  const [similar] = findSimilar(text, kind.known, { maxDistance: 3 });
  const hint = similar === undefined ? `use ${kind.known.join(", ")}` : `did you mean ${similar}?`;
  throw new SyntaxError(`There is no ${kind.noun} ${quote(text)}: ${hint}`);
}

/** A value parser for one of the known words. */
export function word<Word extends string>(kind: WordKind<Word>): ValueParser<"sync", Word> {
  return valueParser({
    metavar: kind.metavar,
    example: kind.known[0]!,
    parse: (text) => parseWord(text, kind),
    format: String,
    complete: () => kind.known,
  });
}

/** A value parser for one or several of the known words with commas between them; what comes twice
 * counts once. */
export function wordList<Word extends string>(
  kind: WordKind<Word>,
): ValueParser<"sync", readonly Word[]> {
  return valueParser({
    metavar: `${kind.metavar},...`,
    example: kind.known[0]!,
    parse: (text) => [...new Set(text.split(",").map((item) => parseWord(item, kind)))],
    format: (words) => words.join(","),
    *complete(prefix) {
      const written = prefix.slice(0, prefix.lastIndexOf(",") + 1);
      const taken = new Set(written.split(","));
      for (const known of kind.known) if (!taken.has(known)) yield written + known;
    },
  });
}
