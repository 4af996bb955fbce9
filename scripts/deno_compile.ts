/**
 * `deno compile`, which needs a runtime archive that is not everywhere to be had.
 *
 * @module
 */

import { PERMISSIONS } from "../src/hosts/self_command.ts";
import { reason, runCommand } from "./command.ts";

/**
 * Compiles `program`, a bundle, into the executable `product`.
 *
 * Returns null, or in a few words what was in the way: a network without an answer, for instance,
 * would keep Deno for minutes, so it is ended after `waitMs`. `env` is for tests.
 */
export async function denoCompile(
  program: string,
  product: string,
  waitMs: number,
  env: Record<string, string> = {},
): Promise<string | null> {
  const flags = ["--quiet", "--no-check", "--no-config", "--no-lock", "--no-remote", "--no-npm"];
  const args = ["compile", ...flags, "--no-prompt", "--unstable-net", ...PERMISSIONS];
  const outcome = await runCommand(
    Deno.execPath(),
    [...args, "--output", product, program],
    { limitMs: waitMs, env },
  );
  if (outcome.success) return null;
  return outcome.timedOut ? `not done after ${waitMs / 1000} s` : reason(outcome.stderr);
}
