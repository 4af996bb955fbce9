/**
 * What docs/PROTOCOL.md says, for tests: its examples and its limits.
 *
 * @module
 */

import assert from "node:assert/strict";

const PAGE = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));

/** The examples by name: the fenced block behind each `<!-- example: NAME -->`. */
export const examples: ReadonlyMap<string, string> = new Map(
  [...PAGE.matchAll(/<!-- example: (\w+) -->\n\n```\n([^`]*)```\n/g)]
    .map(([, name, block]) => [name!, block!]),
);

/** How many fenced blocks the page has, and how many comments that announce an example. */
export const counts = {
  blocks: PAGE.match(/^```\n(.|\n)*?^```$/gm)!.length,
  announced: PAGE.match(/<!-- example/g)!.length,
};

/** The bytes of an example in hexadecimal; `#` begins a comment. */
export function exampleBytes(name: string): Uint8Array {
  const block = examples.get(name);
  assert.ok(block !== undefined, `the page has an example named ${name}`);
  return Uint8Array.fromHex(block.replaceAll(/#.*|\s/g, ""));
}

/** An example that is a line of text, in which `·` stands for a space at its end. */
export function exampleLine(name: string): string {
  const block = examples.get(name);
  assert.ok(block !== undefined, `the page has an example named ${name}`);
  return block.replace(/\n$/, "").replaceAll("·", " ");
}

/** A number in the table of limits. */
export function limit(label: string): number {
  const row = PAGE.split("\n").find((line) => line.startsWith(`| ${label} `));
  assert.ok(row !== undefined, `the page has a limit on ${label}`);
  const cell = row.split("|")[2]!.trim();
  const power = /^2\^(\d+)( - 1)?$/.exec(cell);
  if (power !== null) return 2 ** Number(power[1]) - (power[2] === undefined ? 0 : 1);
  return Number(cell.replaceAll(",", "").replace(/ (bytes|ms)$/, ""));
}
