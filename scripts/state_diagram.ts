/**
 * The picture of the participant's state machine in docs/persistent.md, made from the table of the
 * program. A test compares them; after a change of the table,
 *
 * ```sh
 * deno run --allow-read --allow-write scripts/state_diagram.ts
 * ```
 *
 * draws it anew.
 *
 * @module
 */

import {
  COMMAND_TABLE,
  COMMANDS,
  LISTENING,
  OK_TABLE,
  PARTICIPANT_STATES,
} from "../src/protocols/persistent/participant_states.ts";

/** The page with the picture. */
export const PAGE = new URL("../docs/persistent.md", import.meta.url);

const BLOCK = /```mermaid\nstateDiagram-v2\n[^`]*```/;

/** The picture, as a block of mermaid. */
export function stateDiagram(): string {
  const lines = ["[*] --> unregistered: a new log", "[*] --> offline: the log of a member"];
  for (const state of PARTICIPANT_STATES) {
    for (const command of COMMANDS) {
      const row = COMMAND_TABLE[state][command];
      if (!("waits" in row)) continue;
      lines.push(`${state} --> ${row.waits}: ${command}`);
      if (row.waits !== state) lines.push(`${row.waits} --> ${state}: refused, or no answer`);
    }
    const next = OK_TABLE[state];
    if (next !== undefined) lines.push(`${state} --> ${next}: ok`);
  }
  lines.push("classDef listening stroke-width:3px");
  lines.push(`class ${[...LISTENING].sort().join(",")} listening`);
  return ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");
}

/** What each command does in each state in which the participant doesn't wait, as a table of
 * Markdown cells. */
export function commandTable(): string[][] {
  const resting = PARTICIPANT_STATES.filter((state) => OK_TABLE[state] === undefined);
  const rows = COMMANDS.map((command) => [
    `\`${command}\``,
    ...resting.map((state) => {
      const row = COMMAND_TABLE[state][command];
      if ("refused" in row) return `refused: ${row.refused}`;
      return OK_TABLE[row.waits] ?? row.waits;
    }),
  ]);
  return [["command", ...resting], ...rows];
}

/** The page's picture and the cells of its table.
 *
 * @throws {Error} If the page has none. */
export function readPage(page: string): { diagram: string; table: string[][] } {
  const diagram = BLOCK.exec(page)?.[0];
  const [table] = /^\| command +\|.*\n(?:\|.*\n)+/m.exec(page) ?? [];
  if (diagram === undefined || table === undefined) throw new Error("There is no picture or table");
  const rows = table.trimEnd().split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  return { diagram, table: rows.filter(([first]) => !/^-+$/.test(first!)) };
}

/** The page with its picture and table as they should be; `deno fmt` aligns the table. */
export function updatePage(page: string): string {
  const [head, ...rows] = commandTable();
  const lines = [head!, head!.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return page.replace(BLOCK, () => stateDiagram())
    .replace(/^\| command +\|.*\n(?:\|.*\n)+/m, () => `${lines.join("\n")}\n`);
}

if (import.meta.main) {
  await Deno.writeTextFile(PAGE, updatePage(await Deno.readTextFile(PAGE)));
}
