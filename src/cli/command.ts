/**
 * What a command is: a module with a parser, its help as data, and what it does.
 *
 * @module
 */

import type { Parser } from "@optique/core/parser";
import type { OutputOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** A command line that works, and what it does. */
export interface Example {
  /** What follows `mpcomm`, without quotes: words with single spaces between them. */
  readonly args: string;
  /** What it does, in a few words. */
  readonly does: string;
}

/** A command. Every module named `*_command.ts` is one: its exports are these properties. */
export interface Command<Options extends OutputOptions = OutputOptions> {
  /** What follows `mpcomm` in the help's first lines, one for each way to use it. */
  readonly usage: readonly string[];
  /** Paragraphs: what the command does, and what one must know to use it. */
  readonly description: readonly string[];
  /** Command lines that work; the tests parse them all. */
  readonly examples: readonly Example[];
  /** Reads the options. */
  readonly parser: Parser<"sync", Options, unknown>;
  /** Refuses options that don't go together; throws a UsageError that names them. */
  check?(options: Options): void;
  /** Does the work and returns the exit code. `table` holds all commands of the program. */
  run(options: Options, terminal: Terminal, table: CommandTable): Promise<number>;
}

/** A command's place in the program. */
export interface CommandEntry {
  /** One line for the list of all commands. */
  readonly brief: string;
  /** Loads the command: only the one that is run costs its time. */
  readonly load: () => Promise<Command>;
}

/** All commands by what one types: `lab`, or `manager list` for a command of a command. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
