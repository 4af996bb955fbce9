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
import { countTests, failuresIn, type TestFailure } from "./junit.ts";

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

/** Those that start processes and wait for them most of the time: two files at once. */
const PROCESS_TESTS = "tests/cli";
const PROCESS_JOBS = 2;

/** What became of some tests. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Those that have a name. */
  readonly failures: readonly TestFailure[];
}

/** Runs this Deno with `args` in the project, its output shown as it comes, or written to a file. */
async function deno(
  args: readonly string[],
  { output, jobs = 1 }: { readonly output?: string; readonly jobs?: number } = {},
): Promise<boolean> {
  const stdio = output === undefined ? "inherit" : "piped";
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { DENO_JOBS: String(jobs) },
    stdin: "null",
    stdout: stdio,
    stderr: stdio,
  });
  const child = command.spawn();
  if (output !== undefined) {
    await Promise.all(
      [child.stdout, child.stderr].map((stream) =>
        Deno.writeFile(output, stream, { append: true })
      ),
    );
  }
  return (await child.status).success;
}

/**
 * Runs all tests, the examples in the documentation among them, and returns their counts. Those that
 * compute do so while the others wait for processes; what they print comes afterwards.
 */
async function runTests(): Promise<Counts> {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-test-" });
  try {
    const output = join(folder, "output.txt");
    const parts = await Promise.all([
      runPart(join(folder, "processes.xml"), ["--parallel", PROCESS_TESTS], {
        jobs: PROCESS_JOBS,
      }),
      runPart(join(folder, "others.xml"), [`--ignore=dist,${PROCESS_TESTS}`], { output }),
    ]);
    process.stdout.write(await Deno.readFile(output));
    return parts.reduce((sum, part) => ({
      passed: sum.passed + part.passed,
      failed: sum.failed + part.failed,
      failures: [...sum.failures, ...part.failures],
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runPart(
  file: string,
  which: readonly string[],
  how: { readonly output?: string; readonly jobs?: number },
): Promise<Counts> {
  // The types were a step of their own.
  const flags = ["--doc", "--no-check", "--no-prompt", `--junit-path=${file}`];
  const success = await deno(["test", ...flags, ...PERMISSIONS, ...which], how);
  const report = await Deno.readTextFile(file).catch(() => "");
  const counts = countTests(report);
  // A module that cannot be loaded fails the run without being a test that failed.
  const unnamed = (success && counts.passed > 0) || counts.failed > 0 ? 0 : 1;
  return {
    passed: counts.passed,
    failed: counts.failed + unnamed,
    failures: failuresIn(report),
  };
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
  for (const { name, message } of tests.failures) say(`Failed: ${name}\n${message}`);
  say(`Done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
