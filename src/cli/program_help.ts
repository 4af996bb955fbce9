/**
 * The help page of the program. It does without the command-line parser, and so is there at once.
 *
 * @module
 */

import type { CommandTable } from "./command.ts";
import { commandList, heading, type HelpLayout, joinBlocks, usageLines } from "./help_page.ts";

/** The page of the program: its commands, its options, its exit codes. */
export function programHelp(table: CommandTable, layout: HelpLayout): string {
  return joinBlocks([
    "Run, compare and check group-communication protocols. Begin with: mpcomm lab",
    usageLines(["COMMAND [OPTIONS]", "COMMAND --help"], layout),
    commandList(Object.keys(table), table, layout),
    [
      heading("Options", layout),
      "  -h, --help  Print this help; after a command, that command's help",
      "  --version   Print the version",
    ].join("\n"),
    [
      heading("Exit codes", layout),
      "  0      success",
      "  1      failure while running",
      "  2      wrong usage, or a bad file",
      "  3      a property is violated that the order promises",
      "  128+n  stopped by signal n",
    ].join("\n"),
  ]);
}
