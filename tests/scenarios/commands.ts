/**
 * What a scenario can say, and what it prints.
 *
 * Three commands set the stage, and print nothing but what follows from them:
 *
 * - `group 3 lamport [datagrams=200]`: a group of three processes; a second one is a second run on
 *   the same addresses, and what is under way stays so;
 * - `ready`: the handshake, on links of 10 ms; datagrams are numbered from 1 afterwards;
 * - `run 1s`: time passes, and each datagram arrives 10 ms after it was sent; only what is worth
 *   telling is printed, and a summary. It ends early when nothing is left to happen.
 *
 * The application: `multicast 0 "a" "b" 3000*x` (in one turn), `stop 0`, `stop all`.
 *
 * The network: `receive 3 5` (these arrive, in this order; `0>1` names all that are on their way from 0
 * to 1), `receive all`, `drop 4`, `duplicate 2` (a copy with a number of its own), `hold 4` (`run` leaves it under way), `block 0>1 1-2` (a link
 * loses everything, one way or both), `heal`, `forge 4 clock=2^53` (a copy with other contents),
 * `cut 4 10` (a copy of the first ten bytes).
 *
 * The machines: `pause 2`, `resume 2`, `crash 2`, `tick 20ms` (time passes, nothing arrives).
 *
 * To look: `flight` (what is under way), `status`, `log` (what each has delivered), `judge` (what
 * the checkers say), `judge sorted` (what they would say had each log been sorted in the end).
 *
 * @module
 */

import { ORDERS } from "../../src/protocols/process.ts";
import {
  datagrams,
  duration,
  links,
  member,
  members,
  payload,
  splitWords,
  wholeNumber,
} from "./arguments.ts";
import { describeDatagram, describeMs } from "./describe.ts";
import { forge } from "./forgery.ts";
import type { Health } from "./member.ts";
import { describeVerdicts, sortedAtEnd } from "./verdicts.ts";
import { World } from "./world.ts";

/** A command prints the lines that it returns behind what happened in consequence. */
type Command = (world: World, words: readonly string[]) => readonly string[] | void;

const COMMANDS: Readonly<Record<string, Command>> = {
  ready(world) {
    const done = () => world.members.every(({ process }) => process.ready);
    const quiet = () => done() && world.underWay.every(({ held }) => held);
    const begin = world.now;
    world.flow(10_000, quiet);
    world.takeNotes();
    world.renumber();
    if (quiet()) return [`all are ready after ${describeMs(world.now - begin)}`];
    return [`not ready after ${describeMs(world.now - begin)}`, ...waiting(world)];
  },
  run(world, words) {
    const [begin, arrived] = [world.now, world.arrived];
    world.flow(duration(words[0]));
    const deeds = world.takeNotes().filter(({ weight }) => weight === "deed");
    const summary = `${world.arrived - arrived} datagrams in ${describeMs(world.now - begin)}`;
    return [
      ...deeds.map(({ at, text }) => `+${describeMs(at - begin)}: ${text}`),
      summary,
      ...waiting(world),
    ];
  },
  tick(world, words) {
    const begin = world.now;
    world.tick(duration(words[0]));
    return world.takeNotes().map(({ at, text }) => `+${describeMs(at - begin)}: ${text}`);
  },

  multicast(world, words) {
    if (words.length < 2) throw new SyntaxError("A process and a text are expected");
    world.multicast(member(world, words[0]), words.slice(1).map(payload));
  },
  stop(world, words) {
    for (const stopping of members(world, words)) {
      world.note("detail", `${stopping.self} stops`);
      stopping.process.stop(world.now);
      world.endTurn([stopping]);
    }
  },

  receive(world, words) {
    const all = words.length === 1 && words[0] === "all";
    for (const datagram of all ? [...world.underWay] : datagrams(world, words)) {
      if (world.members[datagram.to]?.health === "paused") {
        throw new RangeError(`Process ${datagram.to} is paused and receives nothing`);
      }
      world.receive(datagram);
    }
  },
  drop(world, words) {
    const dropped = datagrams(world, words);
    world.underWay = world.underWay.filter((datagram) => !dropped.includes(datagram));
    return dropped.map(({ number, to }) => `#${number} to ${to} is lost`);
  },
  duplicate(world, words) {
    return datagrams(world, words).map((datagram) => {
      const number = world.copy(datagram, datagram.bytes);
      return `#${number} is a copy of #${datagram.number}`;
    });
  },
  hold(world, words) {
    return datagrams(world, words).map((datagram) => {
      datagram.held = true;
      return `#${datagram.number} to ${datagram.to} takes long`;
    });
  },
  block(world, words) {
    for (const [from, to] of links(world.members.length, words)) world.blocked.add(`${from}>${to}`);
    return [`links that lose everything: ${[...world.blocked].join(", ")}`];
  },
  heal(world) {
    world.blocked.clear();
    return ["all links work again"];
  },
  forge(world, words) {
    const [datagram] = datagrams(world, words.slice(0, 1));
    const number = world.copy(datagram!, forge(datagram!, words.slice(1), world.settings));
    return [`#${number} looks like #${datagram!.number} with ${words.slice(1).join(", ")}`];
  },
  cut(world, words) {
    const [datagram] = datagrams(world, words.slice(0, 1));
    const length = wholeNumber(words[1], 0, datagram!.bytes.length);
    const number = world.copy(datagram!, datagram!.bytes.slice(0, length));
    return [`#${number} is the first ${length} bytes of #${datagram!.number}`];
  },

  pause: (world, words) => become(world, words, "paused", "is paused"),
  resume: (world, words) => become(world, words, "up", "goes on"),
  crash: (world, words) => become(world, words, "crashed", "crashes"),

  flight(world) {
    if (world.underWay.length === 0) return ["nothing is under way"];
    return world.underWay.map(({ number, from, to, bytes, held }) =>
      `#${number} ${from} to ${to}${held ? " (held)" : ""}: ${
        describeDatagram(bytes, to, world.settings)
      }`
    );
  },
  status: (world) => world.members.map(({ status }) => status),
  log: (world) =>
    world.members.map(({ self, log }) => `${self} delivered ${log.join(" ") || "nothing"}`),
  judge(world, words) {
    if (words.length > 1 || (words.length === 1 && words[0] !== "sorted")) {
      throw new SyntaxError(`judge or judge sorted is expected, not judge ${words.join(" ")}`);
    }
    return describeVerdicts(words.length === 0 ? world.run : sortedAtEnd(world.run));
  },
};

/** Carries out scenarios' commands, one after the other. */
export class Interpreter {
  #world: World | null = null;
  #runs = 0;

  /** The world, once there is a group. */
  get world(): World | null {
    return this.#world;
  }

  /**
   * Carries out one command and returns what it prints.
   *
   * @throws {SyntaxError} There is no such command, or a word of it is wrong.
   * @throws {RangeError} It names a process or a datagram that isn't there.
   */
  execute(line: string): string[] {
    const [name = "", ...words] = splitWords(line);
    if (name === "group") return this.#group(words);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
      const names = ["group", ...Object.keys(COMMANDS)].join(", ");
      throw new SyntaxError(`There is no command ${name}; there are ${names}`);
    }
    if (this.#world === null) throw new SyntaxError("A scenario begins with the command group");
    const printed = command(this.#world, words) ?? [];
    const lines = [...this.#world.takeNotes().map(({ text }) => text), ...printed];
    return lines.length > 0 ? lines : ["nothing happens"];
  }

  #group(words: readonly string[]): string[] {
    const size = wholeNumber(words[0], 1, 64);
    const order = ORDERS.find((known) => known === words[1]);
    if (order === undefined) {
      throw new SyntaxError(`An order of ${ORDERS.join(", ")} is expected, not ${words[1]}`);
    }
    const settings = { run: ++this.#runs, size, order, maxDatagramBytes: datagramBytes(words[2]) };
    if (this.#world === null) this.#world = new World(settings);
    else this.#world.begin(settings);
    return [`a group of ${size}, order ${order}, run ${settings.run}`];
  }
}

function datagramBytes(word: string | undefined): number {
  if (word === undefined) return 1400;
  const [name, value] = word.split("=");
  if (name !== "datagrams") throw new SyntaxError(`datagrams=N is expected, not ${word}`);
  return wholeNumber(value, 200, 60_000);
}

function become(
  world: World,
  words: readonly string[],
  health: Health,
  verb: string,
): readonly string[] {
  const changed = members(world, words);
  for (const one of changed) one.health = health;
  world.endTurn(changed);
  return changed.map(({ self }) => `${self} ${verb}`);
}

/** Who waits for whom, where somebody does. */
function waiting(world: World): string[] {
  return world.members.flatMap(({ self, health, process }) =>
    health === "up" && process.waitingFor.length > 0
      ? [`${self} waits for ${process.waitingFor.join(", ")}`]
      : []
  );
}
