/**
 * The gate: format, lint, types, the executable, and all tests, those in the documentation too.
 *
 * Every step runs, whatever became of the others, so that one run shows all that is wrong. The last
 * line says how many steps and tests passed and failed; the exit code is 1 if any did.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../src/hosts/self_command.ts";
import { countTests } from "./junit.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A step that passes or fails as a whole. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const STEPS: readonly Step[] = [
  { name: "Formatting", args: ["fmt", "--check"] },
  { name: "Lint", args: ["lint"] },
  {
    name: "Types, those of the documentation's examples too",
    args: ["check", "--doc", "--quiet", "."],
  },
  {
    name: "The executable",
    args: ["run", "--quiet", "--no-prompt", ...PERMISSIONS, "scripts/compile.ts"],
  },
];

/** Runs this Deno with `args` in the project, its output shown as it comes. */
async function deno(args: readonly string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdin: "null" });
  const { success } = await command.spawn().status;
  return success;
}

/** Runs all tests, the examples in the documentation among them, and returns their counts. */
async function runTests(): Promise<{ passed: number; failed: number }> {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-test-" });
  try {
    const file = join(folder, "junit.xml");
    // The types were a step of their own.
    const flags = ["--doc", "--no-check", "--no-prompt", `--junit-path=${file}`];
    const success = await deno(["test", ...flags, ...PERMISSIONS]);
    const counts = countTests(await Deno.readTextFile(file).catch(() => ""));
    // A module that cannot be loaded fails the run without being a test that failed.
    const unnamed = (success && counts.passed > 0) || counts.failed > 0 ? 0 : 1;
    return { passed: counts.passed, failed: counts.failed + unnamed };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  const failures: string[] = [];
  for (const { name, args } of STEPS) {
    say(`== ${name}`);
    if (!await deno(args)) failures.push(name);
  }
  say("== Tests");
  const tests = await runTests();
  const passed = STEPS.length - failures.length + tests.passed;
  const failed = failures.length + tests.failed;
  for (const name of failures) say(`Failed: ${name}`);
  say(`Done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
