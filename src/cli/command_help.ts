/**
 * The help page of a command: its options from its parser, the rest from its module.
 *
 * @module
 */

import { type DocSection, formatDocPage } from "@optique/core/doc";
import { formatMessage, text } from "@optique/core/message";
import { getDocPage } from "@optique/core/parser";
import type { Command, CommandTable } from "./command.ts";
import { commandList, heading, type HelpLayout, joinBlocks, usageLines } from "./help_page.ts";

const WIDTH_MIN = 60;
const WIDTH_MAX = 100;

/** The page of a command; `table` holds the program's commands, for those of this command. */
export function commandHelp(
  name: string,
  table: CommandTable,
  command: Command,
  layout: HelpLayout,
): string {
  const maxWidth = Math.max(WIDTH_MIN, Math.min(layout.width, WIDTH_MAX));
  const subcommands = Object.keys(table).filter((other) => other.startsWith(`${name} `));
  return joinBlocks([
    usageLines(command.usage, layout),
    ...command.description.map((paragraph) => formatMessage([text(paragraph)], { maxWidth })),
    subcommands.length > 0 ? commandList(subcommands, table, layout) : "",
    optionList(command, maxWidth, layout),
    exampleList(command, layout),
  ]);
}

function optionList({ parser }: Command, maxWidth: number, { colors }: HelpLayout): string {
  const sections = getDocPage(parser)?.sections ?? [];
  return formatDocPage("mpcomm", { sections }, {
    colors,
    maxWidth,
    termWidth: "auto",
    showDefault: { prefix: " (default: ", suffix: ")" },
    sectionOrder: outputLast,
  });
}

function exampleList({ examples }: Command, layout: HelpLayout): string {
  const lines = examples.flatMap(({ args, does }) => [
    layout.colors ? `  \x1b[2m# ${does}\x1b[22m` : `  # ${does}`,
    `  mpcomm ${args}`,
  ]);
  return [heading("Examples", layout), ...lines].join("\n");
}

/** What all commands have in common comes after what is this one's own. */
function outputLast(a: DocSection, b: DocSection): number {
  return Number(a.title === "Output") - Number(b.title === "Output");
}
