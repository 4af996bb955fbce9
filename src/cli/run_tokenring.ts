/**
 * What `mpcomm tokenring` does: a node with a user.
 *
 * @module
 */

import type { RingMachine } from "../hosts/ring_identity.ts";
import { type RingEvent, RingNode } from "../hosts/ring_node.ts";
import { openCommandEditor } from "./command_editor.ts";
import { isInBackground } from "./foreground.ts";
import type { LineEditor } from "./line_editor.ts";
import { nameList } from "./name_list.ts";
import { asUsageError, loadMachines, nextOf, placeOf } from "./ring_machines.ts";
import { catchSignals, type Signals } from "./signals.ts";
import { LAB_VARIABLE } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import type { TokenringOptions } from "./tokenring_command.ts";
import { TokenringOutput } from "./tokenring_output.ts";
import { TokenringSession } from "./tokenring_session.ts";
import { UsageError } from "./usage_error.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** Who a node is in the file. */
interface Place {
  readonly self: number;
  readonly next: number | null;
}

/** Takes part until it is told to stop; returns the exit code. */
export async function runTokenring(
  options: TokenringOptions,
  terminal: Terminal,
): Promise<number> {
  let editor: LineEditor | null = null;
  using signals = catchSignals({ terminal, onSecond: () => editor?.close() });
  const machines = await loadMachines(options.machines);
  const place = await placeIn(machines, options, terminal, signals);
  if (place === null) return signals.exitCode(0);
  const { name } = machines[place.self]!;
  using output = new TokenringOutput(terminal, name);
  const [node, tell] = await openNode(options, machines, place);
  const session = new TokenringSession(node, output);
  try {
    warnIfExposed(node.address.host, terminal);
    output.listening(node.address, machines.length, node.isStarted);
    tell((event) => session.follow(event));
    if (options.start && !node.isStarted) session.feed("start");
    if (terminal.typed && await isInBackground()) {
      // Whoever has the terminal types for another program.
    } else if (terminal.interactive) {
      editor = await openCommandEditor(name, (line) => session.feed(line), signals, terminal);
    } else void readScript(session, signals.stop, terminal);
    await Promise.race([signals.untilStopped(), session.quit, node.failed]);
  } finally {
    editor?.close();
    session.end();
    await node.leave();
  }
  return signals.exitCode(0);
}

/** Opens the node. What happens before somebody listens is told then. */
async function openNode(
  { lease, pace, state }: TokenringOptions,
  machines: readonly RingMachine[],
  place: Place,
): Promise<[RingNode, (listener: (event: RingEvent) => void) => void]> {
  const early: RingEvent[] = [];
  let onEvent = (event: RingEvent): void => void early.push(event);
  const node = await RingNode.open({
    machines,
    ...place,
    leaseMs: lease,
    paceMs: pace,
    stateFile: state,
    onEvent: (event) => onEvent(event),
  }).catch((error) => {
    throw asUsageError(error);
  });
  return [node, (listener) => {
    onEvent = listener;
    for (const event of early) listener(event);
  }];
}

/** Who the node is; null if the input ends, or a signal comes, while it is asked for. */
async function placeIn(
  machines: readonly RingMachine[],
  { name, next, machines: path }: TokenringOptions,
  terminal: Terminal,
  signals: Signals,
): Promise<Place | null> {
  if (name !== undefined) {
    const self = placeOf(name, machines, "--name", path);
    return { self, next: nextOf({ next, path, self }, machines) };
  }
  const names = machines.map((machine) => machine.name);
  if (!terminal.interactive) {
    throw new UsageError(`--name is missing (in ${path}: ${nameList(names)})`);
  }
  const self = await askFor("Your name?", names, null, terminal, signals);
  if (self === null) return null;
  if (next !== undefined || machines.length === 1) {
    return { self, next: nextOf({ next, path, self }, machines) };
  }
  const following = (self + 1) % machines.length;
  const others = names.map((other, i) => i === self ? null : other);
  const question = `Pass the token to? [${names[following]}]`;
  const chosen = await askFor(question, others, following, terminal, signals);
  return chosen === null ? null : { self, next: chosen === following ? null : chosen };
}

/** Asks for a name until one of the list is given; null if the input ends instead. */
async function askFor(
  question: string,
  names: readonly (string | null)[],
  fallback: number | null,
  terminal: Terminal,
  signals: Signals,
): Promise<number | null> {
  for (;;) {
    const answer = (await terminal.ask(question, signals.stop))?.trim();
    if (answer === undefined) return null;
    if (answer === "" && fallback !== null) return fallback;
    const place = names.indexOf(answer);
    if (place >= 0) return place;
    terminal.error(`one of ${nameList(names.filter((name) => name !== null))}`);
  }
}

/** Reads commands. Their end is a quit only for a person, or for a lab's child. */
async function readScript(
  session: TokenringSession,
  stop: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  for (;;) {
    const line = await terminal.nextLine(stop).catch(() => null);
    if (line === null) break;
    session.feed(line);
  }
  if (!stop.aborted && (terminal.typed || Deno.env.has(LAB_VARIABLE))) session.feed("quit");
}
