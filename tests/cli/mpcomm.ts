/**
 * Runs the real program: `dist/mpcomm`, or what the environment variable MPCOMM names, or, with
 * `MPCOMM=source`, the sources.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** What a run of the program left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end. */
export async function mpcomm(
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Record<string, string> } = {},
): Promise<Outcome> {
  const [program, ...words] = mpcommWords();
  const child = new Deno.Command(program, {
    args: [...words, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: options.env ?? {},
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    feed(child.stdin, options.stdin ?? ""),
  ]);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The words that start the program, before its own arguments. */
export function mpcommWords(): readonly [program: string, ...words: string[]] {
  const where = Deno.env.get("MPCOMM") ?? pathOf("../../dist/mpcomm");
  if (where === "source") {
    const words = ["run", "--quiet", "--no-prompt", "--allow-all", pathOf("../../main.ts")];
    return [Deno.execPath(), ...words];
  }
  if (isFile(where)) return [where];
  throw new Error(`${where} is not there: run "deno task compile", or set MPCOMM=source`);
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // The program has ended without reading all of it, as it may.
  }
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
