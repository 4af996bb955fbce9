/**
 * The processes of a lab: copies of this program, started together and ended together.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { selfCommand } from "./self_command.ts";

/** A process that doesn't end within this time when it is asked to is killed. */
const END_MS: Millis = 3000;

/** A line of a child's output may be so long at most. */
const MAX_LINE_LENGTH = 65_536;

/** Copies of this program. Whatever ends this process ends them too: they stop when the pipe to
 * their standard input closes.
 *
 * They are detached from the terminal's group of processes. Otherwise Ctrl-C would end peers and
 * comparison server all at once, and nobody could judge what has happened so far. */
export class LabProcesses {
  readonly #environment: Record<string, string>;
  readonly #children: Deno.ChildProcess[] = [];

  /** Children get this environment besides their own. */
  constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  /**
   * Starts a process that runs until it is told to stop, and waits until it is ready.
   *
   * @returns The address in its `listening` event.
   * @throws {Error} if it ends before; the message holds what it complained of.
   */
  async startServer(args: readonly string[]): Promise<string> {
    const { command, args: all } = selfCommand([...args, "--json"]);
    const child = new Deno.Command(command, {
      args: all,
      env: this.#environment,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#children.push(child);
    const complaints = collect(child.stderr);
    const listening = Promise.withResolvers<string | null>();
    void readLines(child.stdout, (line) => {
      const address = addressIn(line);
      if (address !== null) listening.resolve(address);
    }).then(() => listening.resolve(null));
    const address = await listening.promise;
    if (address !== null) return address;
    throw new Error(lastLine(await complaints) ?? `mpcomm ${args[0]} ended at once`);
  }

  /** Runs a process to its end, with this process's output; returns its exit code. Aborting the
   * signal asks it to stop. */
  async runToEnd(args: readonly string[], signal: AbortSignal): Promise<number> {
    const { command, args: all } = selfCommand(args);
    const child = new Deno.Command(command, {
      args: all,
      env: this.#environment,
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
      detached: true,
    }).spawn();
    this.#children.push(child);
    const stop = () => endChild(child);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      return (await child.status).code;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Ends all processes that still run. */
  async end(): Promise<void> {
    await Promise.all(this.#children.map(endChild));
  }

  /** Ends them at once, the last one first: nobody complains that others are gone. */
  kill(): void {
    for (const child of this.#children.toReversed()) signalChild(child, "SIGKILL");
  }
}

async function endChild(child: Deno.ChildProcess): Promise<void> {
  signalChild(child, "SIGTERM");
  // A stopped process takes no other signal.
  if (Deno.build.os !== "windows") signalChild(child, "SIGCONT");
  const timer = setTimeout(() => signalChild(child, "SIGKILL"), END_MS);
  await child.status;
  clearTimeout(timer);
}

function signalChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
}

function addressIn(line: string): string | null {
  try {
    const { event, address } = JSON.parse(line);
    return event === "listening" && typeof address === "string" ? address : null;
  } catch {
    return null; // Not ours; the child says on stderr what it has to say.
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as Decoder)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(-MAX_LINE_LENGTH);
    for (const line of lines) onLine(line);
  }
}

type Decoder = ReadableWritablePair<string, Uint8Array>;

/** The end of what a process complains of. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  await readLines(stream, (line) => text = `${text}${line}\n`.slice(-MAX_LINE_LENGTH));
  return text;
}

/** The last line that says something, without the name of the command in front. */
function lastLine(text: string): string | null {
  const line = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? null : line.replace(/^mpcomm [a-z ]+: /, "");
}
