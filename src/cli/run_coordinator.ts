/**
 * What `mpcomm coordinator` does.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import { CoordinatorHost } from "../hosts/coordinator_host.ts";
import { SqliteMessageLog } from "../hosts/sqlite_message_log.ts";
import { IN_MEMORY } from "../hosts/store_file.ts";
import { type CoordinatorConfig, loadCoordinatorConfig } from "./coordinator_config.ts";
import type { CoordinatorOptions } from "./coordinator_command.ts";
import { reportEvent, reportStatus } from "./coordinator_story.ts";
import { isInBackground } from "./foreground.ts";
import { quote } from "./quote.ts";
import { catchSignals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { formatSeconds } from "./values/seconds.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** Runs the coordinator until it is told to stop; returns the exit code. */
export async function runCoordinator(
  options: CoordinatorOptions,
  terminal: Terminal,
): Promise<number> {
  using signals = catchSignals({ terminal });
  const { listen, tdMs } = await configOf(options);
  const log = openStore(options);
  const host = await CoordinatorHost.listen(listen, {
    tdMs,
    log,
    onEvent: (event) => reportEvent(event, terminal),
  });
  try {
    greet(host, options.store, terminal);
    const quit = followCommands(host, terminal, signals.stop);
    await Promise.race([signals.untilStopped(), quit, host.failed]);
  } finally {
    await host.close();
  }
  const { malformed } = host.counters;
  if (malformed > 0) terminal.warn(`${malformed} connections sent what is not understood`);
  return signals.exitCode(0);
}

/** Options win over the file. */
async function configOf({ config, listen, td }: CoordinatorOptions): Promise<CoordinatorConfig> {
  let fromFile: CoordinatorConfig | undefined;
  try {
    if (config !== undefined) fromFile = await loadCoordinatorConfig(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  return { listen: (listen ?? fromFile?.listen)!, tdMs: (td ?? fromFile?.tdMs)! };
}

function openStore({ store, fresh }: CoordinatorOptions): SqliteMessageLog {
  try {
    return SqliteMessageLog.open(store, { fresh });
  } catch (error) {
    throw new UsageError(`--store: ${(error as Error).message}`);
  }
}

function greet(host: CoordinatorHost, store: string, terminal: Terminal): void {
  const address = formatAddress(host.address);
  const { tdMs, kept, members } = host.status();
  const place = store === IN_MEMORY ? "memory" : store;
  terminal.event({ event: "listening", address, td: tdMs / 1000, store });
  terminal.say(
    `Coordinator at ${address}, td ${formatSeconds(tdMs)} s, store ${place} ` +
      `(members: ${members.length}, messages kept: ${kept}); Ctrl-C stops it`,
  );
  if (store === IN_MEMORY) {
    terminal.warn("nothing is kept on disk: members and messages are lost when this process ends");
  }
  warnIfExposed(host.address.host, terminal);
}

/** Does what is typed until it is `quit`; goes on for ever if stdin ends before. */
async function followCommands(
  host: CoordinatorHost,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<void> {
  // Who reads from a terminal in the background is stopped by it.
  if (!(terminal.typed && await isInBackground())) {
    for (;;) {
      const line = await nextLine(terminal, stop);
      if (line === null) break;
      const command = line.trim();
      if (command === "quit") return;
      if (command === "status") reportStatus(host.status(), terminal);
      else if (command !== "") terminal.error(`unknown command ${quote(command)}: status or quit`);
    }
  }
  await new Promise(() => {});
}

/** Null at the end of stdin, also where there is none to read. */
async function nextLine(terminal: Terminal, stop: AbortSignal): Promise<string | null> {
  try {
    return await terminal.nextLine(stop);
  } catch {
    return null;
  }
}
