/**
 * A program that runs a command under a guard, as a holder of a lock does: its one argument is a
 * {@linkcode Plan} in JSON. It says on stdout, a JSON object a line, what happens, and exits with the
 * command's code.
 *
 * @module
 */

import { CommandError } from "../../src/hosts/find_command.ts";
import { GuardedCommand } from "../../src/hosts/guarded_command.ts";

/** What to run, and how long. */
export interface Plan {
  readonly command: string;
  readonly args: readonly string[];
  readonly leaseMs: number;
  /** How often the lease is extended; 0 for never. */
  readonly everyMs: number;
}

function say(event: string, rest: object = {}): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify({ event, ...rest })}\n`));
}

async function run({ command, args, leaseMs, everyMs }: Plan): Promise<number> {
  const guarded = await GuardedCommand.prepare({ command, args });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => guarded.signal(signal));
  }
  say("prepared", { pid: Deno.pid });
  guarded.start({ fence: 7_000_000_042, remainingMs: leaseMs });
  const timer = everyMs > 0 ? setInterval(() => guarded.extend(leaseMs), everyMs) : undefined;
  const end = await guarded.ended;
  clearInterval(timer);
  say("ended", end);
  return end.code;
}

if (import.meta.main) {
  try {
    Deno.exit(await run(JSON.parse(Deno.args[0]!)));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say("failed", { reason: error.message });
    Deno.exit(error.exitCode);
  }
}
