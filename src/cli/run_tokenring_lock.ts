/**
 * What `mpcomm tokenring ... lock -- COMMAND` does.
 *
 * @module
 */

import { CommandError } from "../hosts/find_command.ts";
import { GuardedCommand } from "../hosts/guarded_command.ts";
import { enterRing } from "../hosts/ring_entry.ts";
import type { TokenRingHostOptions } from "../hosts/ring_node.ts";
import { LockedRun, type LockedRunEnd } from "./locked_run.ts";
import { asUsageError, loadMachines, nextOf, placeOf } from "./ring_machines.ts";
import { catchSignals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";
import type { TokenringOptions } from "./tokenring_command.ts";
import { printable } from "./printable.ts";

/** Exit code: somebody else has the lock, and `--try` doesn't wait (EX_TEMPFAIL of sysexits.h). */
export const EXIT_BUSY = 75;
/** Exit code: the lock was lost while the command ran (EX_PROTOCOL is the next one in sysexits.h). */
export const EXIT_LOST = 76;
/** Exit code: the lock did not come in time, as timeout(1) has it. */
export const EXIT_TIMEOUT = 124;

/** Runs the command while it has the lock; returns the exit code. */
export async function runTokenringLock(
  options: TokenringOptions,
  terminal: Terminal,
): Promise<number> {
  const node = await nodeOf(options, terminal);
  const command = await prepare(options, terminal);
  if (typeof command === "number") return command;
  try {
    using signals = catchSignals();
    const run = new LockedRun({
      command,
      terminal,
      signals,
      isTry: options.try,
      timeoutMs: options.timeout ?? Infinity,
      enter: () => enterRing(node),
    });
    const end = await run.finished();
    return end.type === "stopped" ? signals.exitCode(1) : report(end, terminal);
  } catch (error) {
    return failed(error, terminal);
  } finally {
    await command.abandon();
  }
}

async function nodeOf(
  { machines: path, name, next, lease, pace, state }: TokenringOptions,
  terminal: Terminal,
): Promise<TokenRingHostOptions> {
  const machines = await loadMachines(path);
  const self = placeOf(name!, machines, "--name", path);
  return {
    machines,
    self,
    next: nextOf({ next, path, self }, machines),
    leaseMs: lease,
    paceMs: pace,
    stateFile: state,
    onEvent: (event) => {
      if (event.type === "warning") terminal.warn(event.reason);
    },
  };
}

async function prepare(
  { command: [command, ...args] }: TokenringOptions,
  terminal: Terminal,
): Promise<GuardedCommand | number> {
  try {
    return await GuardedCommand.prepare({ command: command!, args });
  } catch (error) {
    return failed(error, terminal);
  }
}

function failed(error: unknown, terminal: Terminal): number {
  if (!(error instanceof CommandError)) throw asUsageError(error);
  terminal.error(error.message);
  return error.exitCode;
}

function report(end: Exclude<LockedRunEnd, { type: "stopped" }>, terminal: Terminal): number {
  switch (end.type) {
    case "ended":
      return end.code;
    case "lost":
      terminal.error(`the lock was lost while the command ran: ${end.reason}`);
      return EXIT_LOST;
    case "busy":
      terminal.error(`${printable(end.holder)} has the lock (fence ${end.fence})`);
      return EXIT_BUSY;
    case "timeout":
      terminal.error(`the lock did not come in time${end.reason === "" ? "" : `: ${end.reason}`}`);
      return EXIT_TIMEOUT;
    case "failed":
      terminal.error(end.reason);
      return end.code;
  }
}
