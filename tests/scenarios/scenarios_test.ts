/**
 * Every scenario of this folder goes as it is written down.
 *
 * `deno test -A tests/scenarios -- --update` (or `MPCOMM_UPDATE=1` in the environment) writes down
 * how they go now; see runner.ts.
 *
 * @module
 */

import assert from "node:assert/strict";
import { play } from "./runner.ts";

const FOLDER = new URL("./", import.meta.url);
const UPDATE = Deno.args.includes("--update") || Deno.env.get("MPCOMM_UPDATE") === "1";

/** The first line of a scenario is its title. */
function titleOf(text: string): string {
  return text.split("\n", 1)[0]!.replace(/^#\s*/, "");
}

const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".txt")).sort();

for (const name of names) {
  const file = new URL(name, FOLDER);
  const text = Deno.readTextFileSync(file);
  Deno.test(`${name}: ${titleOf(text)}`, () => {
    const played = play(name, text);
    if (UPDATE && played.text !== text) Deno.writeTextFileSync(file, played.text);
    else assert.ok(played.text === text, played.difference || `${name}: the layout differs`);
  });
}

Deno.test("there is a scenario for each way in which naive protocols fail", () => {
  // 11 and 12 belong to the streams of TCP and to the checkers, and are tested there.
  for (const item of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17]) {
    const prefix = `${String(item).padStart(2, "0")}_`;
    assert.ok(names.some((name) => name.startsWith(prefix)), `no scenario ${prefix}*.txt`);
  }
});
