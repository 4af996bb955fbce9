/**
 * Options as the commands declare them: a name, a kind of value, a description, and whether there
 * is a default.
 *
 * @module
 */

import { object } from "@optique/core/constructs";
import { text } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import { option } from "@optique/core/primitives";
import type { OptionName } from "@optique/core/usage";
import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "./quote.ts";

/** An option that must be there. */
export function required<T>(name: OptionName, value: ValueParser<"sync", T>, description: string) {
  return option(name, value, {
    description: [text(description)],
    errors: { missing: [text(`${name} is missing`)] },
  });
}

/** An option whose value is undefined when it isn't there; the description says what that means. */
export function maybe<T>(name: OptionName, value: ValueParser<"sync", T>, description: string) {
  return optional(option(name, value, { description: [text(description)] }));
}

/** An option with a default, which the help shows. */
export function defaulted<T>(
  name: OptionName,
  value: ValueParser<"sync", T>,
  fallback: NoInfer<T>,
  description: string,
) {
  return withDefault<"sync", T, unknown, T>(
    option(name, value, { description: [text(description)] }),
    () => fallback,
    { message: [text(value.format(fallback))] },
  );
}

/** What every command can be told about its output. */
export const outputOptions = object("Output", {
  json: toggle(
    ["--json"],
    "Print one JSON object a line on stdout; text for people goes to stderr",
  ),
  quiet: toggle(["--quiet"], "Print results and errors only"),
  noColor: toggle(["--no-color"], "Print without colors, as with NO_COLOR in the environment"),
  help: toggle(["-h", "--help"], "Print this help"),
});

/** The values of {@linkcode outputOptions}. */
export interface OutputOptions {
  /** Events on stdout as JSON lines. */
  readonly json: boolean;
  /** Nothing but results and errors. */
  readonly quiet: boolean;
  /** No colors, even on a terminal. */
  readonly noColor: boolean;
}

/** An option without a value: true when it is there. */
export function toggle(names: readonly [OptionName, ...OptionName[]], description: string) {
  return option(...names, {
    description: [text(description)],
    errors: {
      unexpectedValue: (value) => [text(`${names.at(-1)} takes no value, got ${quote(value)}`)],
    },
  });
}
