/**
 * `mpcomm completion`: what a shell needs to complete this program's commands and options.
 *
 * @module
 */

import { bash, fish, type ShellCompletion, zsh } from "@optique/core/completion";
import { merge, object, or } from "@optique/core/constructs";
import { multiple } from "@optique/core/modifiers";
import { type InferValue, type Parser, suggest, type Suggestion } from "@optique/core/parser";
import { argument, command, option } from "@optique/core/primitives";
import { text } from "@optique/core/message";
import type { CommandTable, Example } from "./command.ts";
import { outputOptions } from "./options.ts";
import { quote } from "./quote.ts";
import type { Terminal } from "./terminal.ts";
import { valueParser } from "./values/value_parser.ts";

/** What follows `mpcomm`. */
export const usage = ["completion SHELL"];

/** What the command does. */
export const description = [
  "Prints a script that teaches bash, zsh or fish to complete the commands, options and values of " +
  "mpcomm.",
];

const SHELLS: ReadonlyMap<string, ShellCompletion> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);

/** Reads the options. */
export const parser = merge(
  object("Arguments", {
    shell: argument(
      valueParser({
        metavar: "SHELL",
        example: "bash",
        parse: parseShell,
        format: String,
        complete: () => SHELLS.keys(),
      }),
      {
        description: [text("bash, zsh or fish")],
        errors: { endOfInput: [text("SHELL is missing: bash, zsh or fish")] },
      },
    ),
    words: multiple(
      argument(valueParser({ metavar: "WORD", example: "", parse: String, format: String }), {
        hidden: true,
      }),
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm completion`; the script calls it with the words before the cursor. */
export type CompletionOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "completion bash", does: 'in ~/.bashrc: eval "$(mpcomm completion bash)"' },
  { args: "completion zsh", does: 'in ~/.zshrc: eval "$(mpcomm completion zsh)"' },
  { args: "completion fish", does: "in config.fish: mpcomm completion fish | source" },
];

/** Prints the script, or what may follow the words; returns the exit code. */
export async function run(
  options: CompletionOptions,
  terminal: Terminal,
  table: CommandTable,
): Promise<number> {
  const shell = SHELLS.get(options.shell);
  if (shell === undefined) throw new RangeError(`There is no shell ${quote(options.shell)}`);
  if (options.words.length > 0) {
    const suggestions = await suggestNext(options.words, table);
    terminal.write([...shell.encodeSuggestions(suggestions)].join(""));
    return 0;
  }
  // The two hyphens keep options among the words from being taken for options of this command.
  const script = shell.generateScript("mpcomm", ["completion", options.shell, "--"]);
  terminal.event({ event: "completion", shell: options.shell, script });
  if (!terminal.json) terminal.write(`${script}\n`);
  return 0;
}

/** What may stand in place of the last of the words, which has perhaps only been begun. */
export async function suggestNext(
  words: readonly string[],
  table: CommandTable,
): Promise<readonly Suggestion[]> {
  const [first = "", ...others] = words;
  return suggest(await programParser(table), [first, ...others]);
}

/** One parser for the whole program. */
async function programParser(table: CommandTable): Promise<Parser<"sync", unknown, unknown>> {
  const parsers: Parser<"sync", unknown, unknown>[] = [];
  for (const [name, { brief, load }] of Object.entries(table)) {
    if (name.includes(" ")) continue; // Part of its parent.
    const own = (await load()).parser;
    const children: Parser<"sync", unknown, unknown>[] = [];
    for (const [child, entry] of Object.entries(table)) {
      if (!child.startsWith(`${name} `)) continue;
      const word = child.slice(name.length + 1);
      const { parser } = await entry.load();
      children.push(command(word, parser, { description: [text(entry.brief)] }));
    }
    parsers.push(command(name, anyOf([...children, own]), { description: [text(brief)] }));
  }
  return anyOf([...parsers, option("-h", "--help"), option("--version")]);
}

/** `or` of any number of parsers, whose types no longer matter. */
function anyOf(
  parsers: readonly Parser<"sync", unknown, unknown>[],
): Parser<"sync", unknown, unknown> {
  return parsers.reduceRight((others, parser) => or(parser, others));
}

function parseShell(name: string): string {
  if (SHELLS.has(name)) return name;
  throw new RangeError(`There is no completion for ${quote(name)}: use bash, zsh or fish`);
}
