/**
 * What `mpcomm participant` does.
 *
 * @module
 */

import { ParticipantHost, type ParticipantHostOptions } from "../hosts/participant_host.ts";
import { MAX_TEXT_BYTES } from "../hosts/persistent_limits.ts";
import { openCommandEditor } from "./command_editor.ts";
import { isInBackground } from "./foreground.ts";
import type { LineEditor } from "./line_editor.ts";
import { LineReader } from "./line_reader.ts";
import { msendLines } from "./msend_lines.ts";
import { type ParticipantOptions, sendsLines } from "./participant_command.ts";
import { loadParticipantConfig, type ParticipantConfig } from "./participant_config.ts";
import { splitCommands } from "./participant_input.ts";
import { ParticipantOutput } from "./participant_output.ts";
import { ParticipantSession } from "./participant_session.ts";
import { catchSignals } from "./signals.ts";
import { LAB_VARIABLE } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** The longest command, with its message. */
const LINE_LENGTH_MAX = "msend ".length + MAX_TEXT_BYTES + 1;

/** Takes part until it is told to stop; returns the exit code. */
export async function runParticipant(
  options: ParticipantOptions,
  terminal: Terminal,
): Promise<number> {
  let editor: LineEditor | null = null;
  using signals = catchSignals({ terminal, onSecond: () => editor?.close() });
  const config = await configOf(options);
  if (sendsLines(options)) {
    return await msendLines({ ...config, patienceMs: options.timeout }, terminal, signals);
  }
  const output = new ParticipantOutput(terminal, config.id);
  let session: ParticipantSession | null = null;
  const host = await openHost(options, config, (event) => {
    if (event.type === "listening") warnIfExposed(event.address.host, terminal);
    session?.follow(event);
  });
  session = new ParticipantSession(host, output);
  const { repairedBytes } = host;
  if (repairedBytes > 0) {
    terminal.warn(`${config.log}: a torn last line of ${repairedBytes} bytes was cut off`);
  }
  output.ready(host.state, host.lastSeq, config.log);
  let code = 0;
  try {
    const exec = execute(options.exec ?? "", session).then((isDone) => {
      if (!isDone) code = 1;
    });
    if (terminal.typed && await isInBackground()) {
      // Whoever has the terminal types for another program.
    } else if (terminal.interactive) {
      editor = await openCommandEditor(
        config.id,
        (line) => void session.feed(line),
        signals,
        terminal,
      );
    } else {
      void exec.then(() => readScript(session, signals.stop, terminal));
    }
    await Promise.race([signals.untilStopped(), session.quit]);
    editor?.close();
    if (signals.stop.aborted) await session.stop();
    await exec;
  } finally {
    editor?.close();
    await host.close();
  }
  return signals.exitCode(code);
}

/** What the config file says, and the options that win over it. */
async function configOf(options: ParticipantOptions): Promise<ParticipantConfig> {
  const { config, action, id, log, coordinator } = options;
  const isFile = config !== undefined && !(sendsLines(options) && action === undefined);
  const file = isFile
    ? await loadParticipantConfig(config).catch((error) => {
      throw new UsageError((error as Error).message);
    })
    : undefined;
  return {
    id: id ?? file?.id ?? "",
    log: log ?? file?.log ?? "",
    coordinator: coordinator ?? file?.coordinator ?? { host: "", port: 0 },
  };
}

async function openHost(
  { log, listen, advertise, takeOver, timeout }: ParticipantOptions,
  config: ParticipantConfig,
  onEvent: ParticipantHostOptions["onEvent"],
): Promise<ParticipantHost> {
  try {
    return await ParticipantHost.open({
      ...config,
      ...(listen === undefined ? {} : { listen }),
      ...(advertise === undefined ? {} : { advertise }),
      takeOver,
      patienceMs: timeout,
      onEvent,
    });
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(log === undefined ? message : `--log: ${message}`);
  }
}

/** Does the commands of `--exec`. Returns whether all could be done. */
async function execute(script: string, session: ParticipantSession): Promise<boolean> {
  for (const line of splitCommands(script)) await session.feed(line);
  return session.refused === 0;
}

/** Reads commands, one at a time: what is not read yet waits in the pipe. */
async function readScript(
  session: ParticipantSession,
  stop: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const lines = new LineReader(Deno.stdin, LINE_LENGTH_MAX);
  for (;;) {
    const line = await lines.next(stop).catch(() => null);
    if (line === null) break;
    await session.feed(line);
  }
  if (stop.aborted) return;
  if (terminal.typed || Deno.env.has(LAB_VARIABLE)) await session.feed("quit");
  else await session.endOfInput();
}
