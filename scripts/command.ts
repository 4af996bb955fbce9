/**
 * Runs a command for a script and collects what it says.
 *
 * @module
 */

/** How a command ended. */
export interface Outcome {
  /** Whether it exited with 0 in time. */
  readonly success: boolean;
  /** Whether it was killed because it took too long. */
  readonly timedOut: boolean;
  /** What it wrote to the standard output. */
  readonly stdout: string;
  /** What it wrote to the standard error. */
  readonly stderr: string;
}

/** Options for {@linkcode runCommand}. */
export interface RunOptions {
  /** The folder that it runs in; by default the current one. */
  readonly cwd?: string;
  /** After this time it is killed; by default never. */
  readonly limitMs?: number;
  /** Environment variables besides those of this process. */
  readonly env?: Record<string, string>;
}

/** Runs `command` to its end, without standard input and without colour. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { limitMs, ...rest } = options;
  const child = new Deno.Command(command, {
    ...rest,
    args: [...args],
    env: { NO_COLOR: "1", ...rest.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let timedOut = false;
  const timer = limitMs === undefined ? undefined : setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, limitMs);
  const output = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return {
    success: output.success && !timedOut,
    timedOut,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/**
 * Returns, in a line, what went wrong at the bottom: the last two of the causes that Deno numbers,
 * or its first error where it numbers none.
 */
export function reason(stderr: string): string {
  const lines = stderr.split("\nStack backtrace:")[0]!.split("\n").map((line) => line.trim());
  const causes = lines.filter((line) => /^\d+: /.test(line)).slice(-2);
  if (causes.length > 0) return causes.map((line) => line.replace(/^\d+: /, "")).join(": ");
  const error = lines.find((line) => line.startsWith("error: "))?.slice("error: ".length);
  return error ?? lines.find((line) => line !== "") ?? "no reason was given";
}
