/**
 * One JavaScript file out of the program and the packages that it imports.
 *
 * @module
 */

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { reason, runCommand } from "./command.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The bundler itself is a package, which the first bundling has to fetch. */
const LIMIT_MS = 120_000;

/**
 * Bundles `entry` into the file `target`.
 *
 * The bundle imports nothing but what Deno carries, and does not name the folders of the machine
 * that made it. Throws an `Error` whose message is one line if that cannot be had.
 */
export async function bundle(entry: string, target: string): Promise<void> {
  const config = join(ROOT, "deno.json");
  const args = ["--quiet", "--config", config, "--platform", "deno", "--output", target, entry];
  const outcome = await runCommand(Deno.execPath(), ["bundle", ...args], {
    cwd: ROOT,
    limitMs: LIMIT_MS,
  });
  if (!outcome.success) {
    const why = outcome.timedOut ? `not done after ${LIMIT_MS / 1000} s` : reason(outcome.stderr);
    throw new Error(`Cannot bundle ${entry}: ${why}`);
  }
  const text = withoutCachePath(await Deno.readTextFile(target), await packageCache());
  await Deno.writeTextFile(target, text);
  await assertSelfContained(target);
}

/** The folder that Deno keeps npm packages in. */
async function packageCache(): Promise<string> {
  const { stdout } = await runCommand(Deno.execPath(), ["info", "--json"]);
  const info: { npmCache: string } = JSON.parse(stdout);
  return info.npmCache;
}

/** Names the modules of packages by package, where the bundler names them by their place in the
 * cache of this machine and the registry that they came from. */
function withoutCachePath(text: string, cache: string): string {
  for (const path of [relative(ROOT, cache), cache]) {
    text = text.replaceAll(new RegExp(`${RegExp.escape(path)}/[^/\\s"]+/`, "g"), "npm:");
  }
  return text;
}

/** The part of `deno info --json` that is read here. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly { readonly specifier: string; readonly error?: string }[];
}

/** A module that is missing would be noticed on another machine only, and late. */
async function assertSelfContained(path: string): Promise<void> {
  const flags = ["--json", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
  const outcome = await runCommand(Deno.execPath(), ["info", ...flags, path]);
  if (!outcome.success) throw new Error(`Cannot read the bundle: ${reason(outcome.stderr)}`);
  const graph: ModuleGraph = JSON.parse(outcome.stdout);
  const foreign = graph.modules.find(({ specifier, error }) =>
    error !== undefined || !(specifier.startsWith("node:") || graph.roots.includes(specifier))
  );
  if (foreign !== undefined) {
    throw new Error(`The bundle still imports ${foreign.specifier}`);
  }
}
