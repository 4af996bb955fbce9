/**
 * What `mpcomm chat` does.
 *
 * @module
 */

import { type ChatEvent, type ChatGroupSource, ChatHost } from "../hosts/chat_host.ts";
import { Random } from "../protocols/random.ts";
import type { ChatOptions } from "./chat_command.ts";
import { ChatGenerator } from "./chat_generator.ts";
import { ChatOutput } from "./chat_output.ts";
import { ChatSession } from "./chat_session.ts";
import { LineEditor } from "./line_editor.ts";
import { loadMembers } from "./members_file.ts";
import { nameList } from "./name_list.ts";
import { catchSignals, type Signals } from "./signals.ts";
import { LAB_VARIABLE } from "./stop_at_end_of_input.ts";
import { nonsense } from "./nonsense.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { parseRate } from "./values/rate.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** After so long, somebody who leaves is told that it takes long, in milliseconds. */
const PATIENCE_MS = 1500;

/** Takes part in a chat until it is told to stop; returns the exit code. */
export async function runChat(options: ChatOptions, terminal: Terminal): Promise<number> {
  let editor: LineEditor | null = null;
  using signals = catchSignals({ terminal, onSecond: () => editor?.close() });
  const group = await groupOf(options);
  const perSecond = options.generate ?? await askForRate(terminal, signals);
  if (perSecond === null) return signals.exitCode(0);
  using output = new ChatOutput(terminal, options.name, terminal.interactive);
  const random = randomOf(options);
  const session = new ChatSession({
    self: options.name,
    output,
    generatePerSecond: perSecond,
    createGenerator: (say) => new ChatGenerator(random, say),
  });
  const host = await openHost(options, group, (event) => {
    session.follow(event);
    if (event.type === "listening") warnIfExposed(event.address.host, terminal);
  });
  try {
    session.enter(host);
    if (terminal.interactive) {
      editor = await openEditor(options.name, session, signals, terminal, output);
    } else void readScript(session, signals.stop, terminal);
    await Promise.race([signals.untilStopped(), session.quit]);
    terminal.checkInput();
    session.end();
    editor?.close();
    if (session.refusal === null) await sayGoodbye(host, signals, output);
    else await host.leave();
  } finally {
    editor?.close();
    await host.close();
  }
  const { underWay, refusal } = session;
  if (refusal !== null) throw new Error(refusal);
  if (underWay > 0) output.complain(`what you said last was not delivered: ${lines(underWay)}`);
  const { malformed } = host;
  if (malformed > 0) terminal.warn(nonsense(malformed));
  return signals.exitCode(0);
}

/** Opens the member. Nothing is told before that has succeeded: what can't begin just complains. */
async function openHost(
  { name, listen, link }: ChatOptions,
  group: ChatGroupSource,
  onEvent: (event: ChatEvent) => void,
): Promise<ChatHost> {
  const early: ChatEvent[] = [];
  let tell: (event: ChatEvent) => void = (event) => early.push(event);
  const host = await ChatHost.open({
    name,
    group,
    ...(listen === undefined ? {} : { listen }),
    ...(link === undefined ? {} : { link }),
    onEvent: (event) => tell(event),
  });
  tell = onEvent;
  for (const event of early) onEvent(event);
  return host;
}

/** The numbers for generated lines: names make them differ, so that one seed serves a whole group. */
function randomOf({ name, seed = crypto.getRandomValues(new Uint32Array(1))[0]! }: ChatOptions) {
  return new Random([seed, ...Array.from(name, (character) => character.codePointAt(0)!)]);
}

/** Who may be in the chat; all that can be wrong with it is the user's to mend. */
async function groupOf(options: ChatOptions): Promise<ChatGroupSource> {
  if (!("peers" in options)) {
    const { manager, advertise } = options;
    return { kind: "manager", manager, ...(advertise === undefined ? {} : { advertise }) };
  }
  const { peers, name } = options;
  const members = await loadMembers(peers).catch((error) => {
    throw new UsageError(`--peers: ${(error as Error).message}`);
  });
  const names = members.map((member) => member.name);
  if (!names.includes(name)) {
    throw new UsageError(`--name: there is no ${name} in ${peers}, only ${nameList(names)}`);
  }
  return { kind: "static", members };
}

/** Asks whether to generate lines; null if the input ends instead, or a signal comes. */
async function askForRate(terminal: Terminal, signals: Signals): Promise<number | null> {
  if (!terminal.interactive) return 0;
  for (;;) {
    const question = "Generate messages? [y/N, or a rate such as 2/s]";
    const answer = await terminal.ask(question, signals.stop);
    if (answer === null) return null;
    const perSecond = parseAnswer(answer.trim().toLowerCase());
    if (perSecond !== null) return perSecond;
    terminal.error("answer y, n or a rate such as 2/s, 0.5/s or 30/min");
  }
}

function parseAnswer(answer: string): number | null {
  if (["", "n", "no"].includes(answer)) return 0;
  if (["y", "yes"].includes(answer)) return 1;
  try {
    return parseRate(answer);
  } catch {
    return null;
  }
}

/** Leaves the chat. Who has asked to quit may lose patience: a signal then ends it at once, as the
 * second of two signals does anyway. To close the window isn't impatience. */
async function sayGoodbye(host: ChatHost, signals: Signals, output: ChatOutput): Promise<void> {
  output.goodbye();
  const reminder = setTimeout(() => {
    output.notice("The others have not answered yet; Ctrl-C ends at once");
  }, PATIENCE_MS);
  const leaving = host.leave();
  const mayHurry = !signals.stop.aborted;
  if (mayHurry) await Promise.race([leaving, signals.untilStopped()]);
  const { caught } = signals;
  if (!mayHurry || caught !== "SIGINT" && caught !== "SIGTERM") await leaving;
  clearTimeout(reminder);
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}

/** Lets a person type. */
async function openEditor(
  name: string,
  session: ChatSession,
  signals: Signals,
  terminal: Terminal,
  output: ChatOutput,
): Promise<LineEditor> {
  const { default: process } = await import("node:process");
  return new LineEditor(terminal, {
    input: process.stdin,
    prompt: `${name}> `,
    paint: (prompt) => output.paint(prompt, name),
    onLine: (line) => session.type(line),
    onInterrupt: () => signals.interrupt(),
    onEnd: () => session.end(),
  });
}

/** Reads what a script has to say. Its end is a goodbye only for a person, or for a lab's child. */
async function readScript(
  session: ChatSession,
  stop: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  for (;;) {
    const line = await terminal.nextLine(stop).catch(() => null);
    if (line === null) break;
    await session.feed(line, stop);
  }
  if (!stop.aborted && (terminal.typed || Deno.env.has(LAB_VARIABLE))) session.end();
}
