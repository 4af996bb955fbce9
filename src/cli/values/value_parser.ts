/**
 * The bridge between the functions that read one value and the command-line parser: a reader
 * throws, a value parser returns.
 *
 * @module
 */

import { text } from "@optique/core/message";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { Suggestion } from "@optique/core/parser";
import type { ValueParser } from "@optique/core/valueparser";

/** How one kind of value is read, written and completed. */
export interface ValueKind<T> {
  /** What stands for the value in the help, such as `HOST:PORT`. */
  readonly metavar: NonEmptyString;
  /** A text that {@linkcode ValueKind.parse} accepts. */
  readonly example: string;
  /** Reads the value; throws a RangeError or SyntaxError with a one-line message otherwise. */
  readonly parse: (text: string) => T;
  /** Writes the value so that {@linkcode ValueKind.parse} reads it back. */
  readonly format: (value: T) => string;
  /** What a shell may offer after the prefix; only what begins with it is offered. */
  readonly complete?: (prefix: string) => Iterable<string | Suggestion>;
}

/** A value parser for the command line; only errors about the value become messages. */
export function valueParser<T>(kind: ValueKind<T>): ValueParser<"sync", T> {
  return {
    mode: "sync",
    metavar: kind.metavar,
    placeholder: kind.parse(kind.example),
    format: kind.format,
    parse(input) {
      try {
        return { success: true, value: kind.parse(input) };
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
        return { success: false, error: [text(error.message)] };
      }
    },
    *suggest(prefix) {
      for (const offer of kind.complete?.(prefix) ?? []) {
        if (typeof offer !== "string") yield offer;
        else if (offer.startsWith(prefix)) yield { kind: "literal", text: offer };
      }
    },
  };
}
