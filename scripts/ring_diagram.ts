/**
 * The picture of the user's states in docs/tokenring.md, made from the table of the program. A test
 * compares them; after a change of the table,
 *
 * ```sh
 * deno run --allow-read --allow-write scripts/ring_diagram.ts
 * ```
 *
 * draws it anew.
 *
 * @module
 */

import {
  RING_COMMAND_TABLE,
  RING_COMMANDS,
  RING_EVENT_TABLE,
  RING_STATES,
} from "../src/cli/tokenring_states.ts";

/** The page with the picture. */
export const RING_PAGE = new URL("../docs/tokenring.md", import.meta.url);

const BLOCK = /```mermaid\nstateDiagram-v2\n[^`]*```/;

/** What events are called in the picture. */
const EVENTS: Readonly<Record<keyof typeof RING_EVENT_TABLE, string>> = {
  started: "somebody else starts",
  granted: "the token is here",
  lost: "the lease is lost",
};

/** The picture, as a block of mermaid. */
export function ringDiagram(): string {
  const lines = [`[*] --> ${RING_STATES[0]}`];
  for (const state of RING_STATES) {
    for (const command of RING_COMMANDS) {
      const row = RING_COMMAND_TABLE[state][command];
      if ("leadsTo" in row) lines.push(`${state} --> ${row.leadsTo}: ${command}`);
    }
    for (const [event, row] of Object.entries(RING_EVENT_TABLE)) {
      const next = (row as Readonly<Record<string, string>>)[state];
      if (next !== undefined) {
        lines.push(`${state} --> ${next}: ${EVENTS[event as keyof typeof EVENTS]}`);
      }
    }
  }
  return ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");
}

/** The picture on the page.
 *
 * @throws {Error} If the page has none. */
export function readRingDiagram(page: string): string {
  const diagram = BLOCK.exec(page)?.[0];
  if (diagram === undefined) throw new Error("There is no picture");
  return diagram;
}

if (import.meta.main) {
  const page = await Deno.readTextFile(RING_PAGE);
  await Deno.writeTextFile(RING_PAGE, page.replace(BLOCK, () => ringDiagram()));
}
