/**
 * From the program's arguments to its exit code: finds the command, prints help, version and
 * errors, and runs.
 *
 * @module
 */

import type { Command, CommandEntry, CommandTable } from "./command.ts";
import type { HelpLayout } from "./help_page.ts";
import { quote } from "./quote.ts";
import { Terminal } from "./terminal.ts";
import { TITLE_VARIABLE } from "./title.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** Exit code: success. */
export const EXIT_SUCCESS = 0;
/** Exit code: failure while running. */
export const EXIT_FAILURE = 1;
/** Exit code: wrong usage, a bad file or a bad option. */
export const EXIT_USAGE = 2;
/** Exit code: a property is violated that the order promised. */
export const EXIT_VIOLATED = 3;

const HELP = ["-h", "--help"];
const OUTPUT_OPTIONS = ["--json", "--quiet", "--no-color"];

/** Runs the program and ends the process with its exit code, also when something is thrown where
 * nobody waits for it. */
export async function runToExit(table: CommandTable, args: readonly string[]): Promise<never> {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    Deno.exit(reportError(event.reason));
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    Deno.exit(reportError(event.error));
  });
  Deno.exit(await runProgram(table, args));
}

/**
 * Runs the program with the given commands.
 *
 * @returns The exit code, 0 to 3, or 128 + n if the command was stopped by signal n. Everything
 *   has been written by then, so the caller may exit at once.
 */
export async function runProgram(table: CommandTable, words: readonly string[]): Promise<number> {
  const args = words[0] === "help" ? [...words.slice(1), "--help"] : words;
  const found = findCommand(table, args);
  const title = Deno.env.get(TITLE_VARIABLE) ??
    (found === undefined ? "mpcomm" : `mpcomm ${found.name}`);
  const color = !Deno.noColor && !args.includes("--no-color");
  try {
    const terminal = new Terminal({ command: title, color });
    return found === undefined
      ? await runWithoutCommand(table, args, terminal)
      : await runCommand(table, found, color, title);
  } catch (error) {
    return reportError(error, title);
  }
}

/**
 * Prints an error on one line, and its stack too if MPCOMM_DEBUG is 1 in the environment.
 *
 * @returns The exit code: 2 for a {@linkcode UsageError}, 1 for any other.
 */
export function reportError(error: unknown, title = "mpcomm"): number {
  // In JSON mode text for people goes to stderr, where the stack belongs.
  const terminal = new Terminal({ command: title, json: true, color: !Deno.noColor });
  terminal.error(error instanceof Error ? error.message || error.name : String(error));
  if (debugging() && error instanceof Error) terminal.say(error.stack ?? "");
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}

interface FoundCommand {
  readonly name: string;
  readonly entry: CommandEntry;
  readonly args: readonly string[];
}

/** The command that the first one or two words name; the longer name wins. */
function findCommand(table: CommandTable, args: readonly string[]): FoundCommand | undefined {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(" ");
    const entry = Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry !== undefined) return { name, entry, args: args.slice(words) };
  }
  return undefined;
}

async function runCommand(
  table: CommandTable,
  { name, entry, args }: FoundCommand,
  color: boolean,
  title: string,
): Promise<number> {
  const command: Command = await entry.load();
  if (asksForHelp(args)) {
    const { commandHelp } = await import("./command_help.ts");
    return printHelp(
      new Terminal({ command: title, color }),
      (layout) => commandHelp(name, table, command, layout),
    );
  }
  const { parseOptions } = await import("./parse_options.ts");
  const subcommands = Object.keys(table).filter((other) => other.startsWith(`${name} `))
    .map((other) => other.slice(name.length + 1));
  const options = parseOptions(command, args, subcommands);
  const { json, quiet, noColor } = options;
  const terminal = new Terminal({ command: title, json, quiet, color: color && !noColor });
  const code = await command.run(options, terminal, table);
  terminal.progress("");
  return code;
}

async function runWithoutCommand(
  table: CommandTable,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [word] = args;
  if (word === undefined) {
    throw new UsageError("no command: begin with 'mpcomm lab', or see 'mpcomm --help'");
  }
  if (HELP.includes(word)) {
    const { programHelp } = await import("./program_help.ts");
    return printHelp(terminal, (layout) => programHelp(table, layout));
  }
  if (word === "--version") {
    terminal.result(`mpcomm ${VERSION}`);
    return EXIT_SUCCESS;
  }
  if (OUTPUT_OPTIONS.includes(word)) {
    throw new UsageError(`${word} goes after the command, as in 'mpcomm lab ${word}'`);
  }
  if (word.startsWith("-")) throw new UsageError(`unknown option ${quote(word)}`);
  const { didYouMean } = await import("./parse_options.ts");
  const hint = didYouMean(word, Object.keys(table)) || " (see 'mpcomm --help')";
  throw new UsageError(`unknown command ${quote(word)}${hint}`);
}

function printHelp(
  terminal: Terminal,
  page: (layout: HelpLayout) => string,
): number {
  terminal.result(page({ width: terminal.width, colors: terminal.colors }));
  return EXIT_SUCCESS;
}

/** Help wins over everything else before `--`, right or wrong. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((word) => HELP.includes(word));
}

/** Asks for the permission first, since a look without it would ask the user. */
function debugging(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "MPCOMM_DEBUG" });
  return state === "granted" && Deno.env.get("MPCOMM_DEBUG") === "1";
}
