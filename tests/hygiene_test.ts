/**
 * No file names the machine that it was written on, nor where that gets its packages.
 *
 * @module
 */

import assert from "node:assert/strict";
import { filesBelow } from "./scripts/files_below.ts";

const ROOT = new URL("../", import.meta.url);
const SKIPPED = new Set([".git", "dist", "node_modules"]);

/** Hosts that packages come from; in pieces, so that this file isn't found itself. */
const HOSTS = [["registry", "npmjs", "org"], ["jsr", "io"], ["dl", "deno", "land"]]
  .map((labels) => labels.join("."));

/** Home folders and folders of work that exist on one machine. `/home/NAME` in capitals and the
 * like of it, as a placeholder, is fine. */
const MACHINE_PATH = /(?<![\w.~$}@-])\/(?:home\/[a-z_]\w*|Users\/[a-z]\w*|root|work)\/[\w.]/;

/** Returns what a text should not name, or undefined. */
function culprit(text: string): string | undefined {
  const machinePath = text.match(MACHINE_PATH)?.[0];
  const tarball = text.match(/"tarball": "\w+/)?.[0];
  return machinePath ?? tarball ?? HOSTS.find((host) => text.includes(host));
}

Deno.test("no file names a path of one machine or a host of packages", async () => {
  const found: string[] = [];
  let files = 0;
  for await (const path of filesBelow(ROOT, SKIPPED)) {
    files++;
    const text = await Deno.readTextFile(new URL(path, ROOT)).catch((error) => {
      // Written and removed again by another test while this one walks.
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    });
    const named = culprit(text);
    if (named !== undefined) found.push(`${path}: ${named}`);
  }
  assert.ok(files > 20, "the walk must have found the project");
  assert.deepEqual(found, []);
});

Deno.test("what should not be named is found", () => {
  const folder = ["", "home", "ada", "mpcomm"].join("/");
  assert.equal(culprit(`see ${folder}`), folder.slice(0, -"pcomm".length));
  assert.equal(culprit(["", "root", "x"].join("/")), ["", "root", "x"].join("/"));
  assert.equal(culprit(`https://${HOSTS[0]}/x`), HOSTS[0]);
  for (const start of ["~", "$HOME", "https://example.org"]) {
    for (const name of ["root", "work"]) {
      assert.equal(culprit([start, name, "x"].join("/")), undefined);
    }
  }
});
