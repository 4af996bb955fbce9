/**
 * What all help pages have in common.
 *
 * @module
 */

import type { CommandTable } from "./command.ts";

/** How a page is to look. */
export interface HelpLayout {
  /** Columns. */
  readonly width: number;
  /** Whether there are ANSI styles. */
  readonly colors: boolean;
}

/** A section's title, or what stands before the usage. */
export function heading(title: string, { colors }: HelpLayout): string {
  return colors ? `\x1b[1m${title}:\x1b[22m` : `${title}:`;
}

/** The ways to use a command, without the program's name, one below the other. */
export function usageLines(usage: readonly string[], layout: HelpLayout): string {
  const lines = usage.map((line, index) => `${index === 0 ? "" : "       "}mpcomm ${line}`);
  return `${heading("Usage", layout)} ${lines.join("\n")}`;
}

/** Commands and what they do. */
export function commandList(
  names: readonly string[],
  table: CommandTable,
  layout: HelpLayout,
): string {
  const column = Math.max(...names.map((name) => name.length));
  return [
    heading("Commands", layout),
    ...names.map((name) => `  ${name.padEnd(column)}  ${table[name]?.brief}`),
  ].join("\n");
}

/** Blocks with a blank line between them, and no blanks at the ends of lines. */
export function joinBlocks(blocks: readonly string[]): string {
  return blocks
    .map((block) => block.replace(/^\n+|\n+$/g, ""))
    .filter((block) => block !== "")
    .join("\n\n")
    .replace(/ +$/gm, "");
}
