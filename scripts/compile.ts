/**
 * Makes the one executable, `dist/mpcomm`.
 *
 * Where the runtime archive of `deno compile` can be had (cached, named by `DENORT_BIN`, or
 * downloaded in time) that makes it. Elsewhere it is a self-extracting file, which needs nothing
 * but this Deno. It says which it is, how large, and why.
 *
 * ```sh
 * deno task compile --help
 * ```
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { BUNDLE_FLAGS } from "../src/hosts/self_command.ts";
import { bundle } from "./bundle.ts";
import { runCommand } from "./command.ts";
import { denoCompile } from "./deno_compile.ts";
import { selfExtracting } from "./self_extracting.ts";

const HELP = `Makes the executable.

  --kind KIND            auto, compiled or self-extracting (auto)
  --entry FILE           the program (main.ts)
  --out FILE             the executable (dist/mpcomm)
  --wait-seconds NUMBER  how long deno compile may take, its download included (30)
`;

const KINDS = ["auto", "compiled", "self-extracting"] as const;

/** What to make. */
interface Job {
  readonly kind: typeof KINDS[number];
  readonly entry: string;
  readonly out: string;
  readonly waitMs: number;
}

/** What the command line got wrong. */
class UsageError extends Error {}

/** Returns the job that the command line describes, or `null` if it asks for help. */
function parseJob(args: string[]): Job | null {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { values } = parseOptions(args);
  if (values.help) return null;
  const kind = KINDS.find((known) => known === values.kind);
  if (kind === undefined) throw new UsageError(`--kind must be one of ${KINDS.join(", ")}`);
  const waitMs = Number(values["wait-seconds"]) * 1000;
  if (!(waitMs > 0 && waitMs < 2 ** 31)) {
    throw new UsageError("--wait-seconds must be a positive number");
  }
  return {
    kind,
    entry: values.entry === undefined ? join(root, "main.ts") : resolve(values.entry),
    out: values.out === undefined ? join(root, "dist", "mpcomm") : resolve(values.out),
    waitMs,
  };
}

function parseOptions(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        kind: { ...text, default: "auto" },
        entry: text,
        out: text,
        "wait-seconds": { ...text, default: "30" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Makes the executable and returns one line about it. */
async function make(job: Job): Promise<string> {
  await Deno.mkdir(dirname(job.out), { recursive: true });
  // Beside the target: the last step is a rename, and nobody ever starts half a file.
  const work = await Deno.makeTempDir({ dir: dirname(job.out), prefix: ".compile-" });
  try {
    const program = join(work, "mpcomm.js");
    const product = join(work, "mpcomm");
    await bundle(job.entry, program);
    const made = await makeKind(job, program, product);
    await Deno.chmod(product, 0o755);
    const { size } = await Deno.stat(product);
    await Deno.rename(product, job.out);
    return `${job.out}: ${made}, ${(size / 1e6).toFixed(1)} MB`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Makes `product` from the bundled `program` and says which kind it is and why. */
async function makeKind(job: Job, program: string, product: string): Promise<string> {
  if (job.kind === "self-extracting") {
    await makeSelfExtracting(program, product);
    return "self-extracting, as asked for";
  }
  const obstacle = await denoCompile(program, product, job.waitMs);
  if (obstacle === null) return "made by deno compile";
  if (job.kind === "compiled") throw new Error(`deno compile failed: ${obstacle}`);
  await makeSelfExtracting(program, product);
  return `self-extracting, because deno compile is not possible here (${obstacle})`;
}

async function makeSelfExtracting(program: string, product: string): Promise<void> {
  const system = await runCommand("uname", ["-sm"]);
  const bytes = await selfExtracting({
    version: config.version,
    system: system.stdout.trim(),
    flags: BUNDLE_FLAGS,
    program: await Deno.readFile(program),
    runtime: await Deno.readFile(Deno.execPath()),
  });
  await Deno.writeFile(product, bytes);
}

async function main(): Promise<number> {
  try {
    const job = parseJob(Deno.args);
    process.stdout.write(job === null ? HELP : `${await make(job)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`compile: ${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) process.exitCode = await main();
