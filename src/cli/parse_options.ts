/**
 * From arguments to a command's options, or to one line about what is wrong with them.
 *
 * @module
 */

import type { Message, MessageTerm } from "@optique/core/message";
import { parse } from "@optique/core/parser";
import { findSimilar } from "@optique/core/suggestion";
import type { Command } from "./command.ts";
import type { OutputOptions } from "./options.ts";
import { oneLine, quote } from "./quote.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Reads and checks the options of a command.
 *
 * @param subcommands What could have been meant by an argument that isn't an option.
 * @throws {UsageError} If they are wrong; the message names the option.
 */
export function parseOptions<Options extends OutputOptions>(
  command: Command<Options>,
  args: readonly string[],
  subcommands: readonly string[] = [],
): Options {
  const result = parse(command.parser, args);
  if (!result.success) {
    const known = [...command.parser.leadingNames, ...subcommands];
    throw new UsageError(describe(result.error, known));
  }
  command.check?.(result.value);
  return result.value;
}

/** ` (did you mean "lab"?)` for a word that is near a known one, nothing for others. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const [similar] = findSimilar(word, known, { maxDistance: 2 });
  return similar === undefined ? "" : ` (did you mean ${quote(similar)}?)`;
}

/** The parser's message on one line and without a full stop, in the words of this program. */
function describe(message: Message, known: readonly string[]): string {
  const [first, second] = message;
  if (
    first?.type === "text" && first.text.startsWith("Unexpected option or argument") &&
    second?.type === "value"
  ) {
    return unexpected(second.value, known);
  }
  return oneLine(message.map(describeTerm).join("")).replace(/\.$/, "");
}

function unexpected(word: string, known: readonly string[]): string {
  const name = word.replace(/=.*$/s, "");
  if (!word.startsWith("-")) {
    if (known.includes(word)) return `unexpected argument ${quote(word)}: it goes before options`;
    const commands = known.filter((candidate) => !candidate.startsWith("-"));
    return `unexpected argument ${quote(word)}${didYouMean(word, commands)}`;
  }
  const options = known.filter((candidate) => candidate.startsWith("--"));
  return `unknown option ${quote(name)}${didYouMean(name, options)}`;
}

function describeTerm(term: MessageTerm): string {
  switch (term.type) {
    case "text":
      return term.text;
    case "optionName":
      return term.optionName;
    case "optionNames":
      return term.optionNames.join("/");
    case "metavar":
      return term.metavar;
    case "value":
      return quote(term.value);
    case "values": // Words of the command line that clash with others: their options say enough.
      return term.values.filter((word) => word.startsWith("--")).map(optionName).join(" ");
    case "envVar":
      return term.envVar;
    case "commandLine":
      return term.commandLine;
    case "lineBreak":
      return " ";
    case "url":
      return term.url.href;
  }
}

function optionName(word: string): string {
  return word.replace(/=.*$/s, "");
}
