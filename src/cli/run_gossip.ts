/**
 * What `mpcomm gossip` does: a node with a user.
 *
 * @module
 */

import { type GossipEvent, GossipHost } from "../hosts/gossip_host.ts";
import { SYSTEM_CLOCK } from "../hosts/link_clock.ts";
import { Random } from "../protocols/random.ts";
import { ChatGenerator } from "./chat_generator.ts";
import { openCommandEditor } from "./command_editor.ts";
import { isInBackground } from "./foreground.ts";
import type { GossipOptions } from "./gossip_command.ts";
import { loadGossipMachines } from "./gossip_machines.ts";
import { GossipOutput } from "./gossip_output.ts";
import { type GossipPlace, placeInGossip } from "./gossip_place.ts";
import { GossipSession, LONGEST_LINE } from "./gossip_session.ts";
import { loadWords } from "./gossip_words.ts";
import type { LineEditor } from "./line_editor.ts";
import { LineReader } from "./line_reader.ts";
import { reactionOf } from "./mongering_options.ts";
import { nonsense } from "./nonsense.ts";
import { catchSignals } from "./signals.ts";
import { LAB_VARIABLE } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** Takes part until it is told to stop; returns the exit code. */
export async function runGossip(options: GossipOptions, terminal: Terminal): Promise<number> {
  let editor: LineEditor | null = null;
  using signals = catchSignals({ terminal, onSecond: () => editor?.close() });
  const { machines: path } = options;
  const machines = await loadGossipMachines(path);
  const words = await loadWords(options.words).catch((error) => {
    throw new UsageError(`--words: ${(error as Error).message}`);
  });
  const place = await placeInGossip(machines, options, terminal, signals);
  if (place === null) return signals.exitCode(0);
  const { name: self } = place.self;
  const output = new GossipOutput(terminal, self);
  const [node, tell] = await openNode(options, place);
  const session = new GossipSession({ machines, path, self }, node, output);
  const generator = generatorOf(words, (word) => void node.say(word));
  try {
    warnIfExposed(node.address.host, terminal);
    output.listening(node.address, place.peers);
    tell((event) => session.follow(event));
    session.begin(place.peers);
    if (options.generate !== undefined) generator.start(1000 / options.generate);
    if (terminal.typed && await isInBackground()) {
      // Whoever has the terminal types for another program.
    } else if (terminal.interactive) {
      editor = await openCommandEditor(self, (line) => session.feed(line), signals, terminal);
    } else void readScript(session, signals.stop, terminal);
    await Promise.race([signals.untilStopped(), session.quit, node.failed]);
    generator.stop();
    await node.leave();
  } finally {
    generator.stop();
    editor?.close();
    await node.close();
  }
  output.summary(node.report);
  const { malformed, unheard } = node.report;
  if (unheard > 0) terminal.warn(`Nobody is known to have heard ${unheard} of what was said here`);
  if (malformed > 0) terminal.warn(nonsense(malformed));
  return signals.exitCode(0);
}

/** Opens the node. What happens before somebody listens is told then. */
async function openNode(
  { mode, blind, stop, k, fanout, interval, antiEntropy, link }: GossipOptions,
  { self }: GossipPlace,
): Promise<[GossipHost, (listener: (event: GossipEvent) => void) => void]> {
  const early: GossipEvent[] = [];
  let onEvent = (event: GossipEvent): void => void early.push(event);
  const node = await GossipHost.open({
    ...self,
    ...{ mode, stop, k, fanout, intervalMs: interval, antiEntropyMs: antiEntropy },
    reaction: reactionOf({ blind }),
    ...(link === undefined ? {} : { link }),
    onEvent: (event) => onEvent(event),
  });
  return [node, (listener) => {
    onEvent = listener;
    for (const event of early) listener(event);
  }];
}

function generatorOf(words: readonly string[], say: (word: string) => void): ChatGenerator {
  const random = new Random([...crypto.getRandomValues(new Uint32Array(2))]);
  return new ChatGenerator(random, say, SYSTEM_CLOCK, (random) => {
    return words[random.below(words.length)]!;
  });
}

/** Reads commands. Their end is a quit only for a person, or for a lab's child. */
async function readScript(
  session: GossipSession,
  stop: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const lines = new LineReader(Deno.stdin, LONGEST_LINE);
  for (;;) {
    const line = await lines.next(stop).catch(() => null);
    if (line === null) break;
    session.feed(line);
  }
  if (!stop.aborted && (terminal.typed || Deno.env.has(LAB_VARIABLE))) session.feed("quit");
}
