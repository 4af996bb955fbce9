/**
 * What a node of a gossip network prints: rumors as they are heard, who comes and goes, an answer to
 * each command, and measures at the end.
 *
 * @module
 */

import { type Address, formatAddress } from "../hosts/address.ts";
import {
  type GossipEvent,
  type GossipReport,
  type Rumor,
  rumorName,
} from "../hosts/gossip_host.ts";
import { GOSSIP_COMMANDS } from "./gossip_input.ts";
import { describeSummary, summarize } from "./gossip_summary.ts";
import { NameColors } from "./name_colors.ts";
import { nameList } from "./name_list.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { wrapWords } from "./wrap_words.ts";

/** On a screen, more of a text than this is left out, in UTF-16 units. */
const SHOWN_UNITS = 4000;

/** Prints for one node. */
export class GossipOutput {
  readonly #terminal: Terminal;
  readonly #self: string;
  readonly #interactive: boolean;
  readonly #colors = new NameColors();

  constructor(terminal: Terminal, self: string) {
    this.#terminal = terminal;
    this.#self = self;
    this.#interactive = terminal.interactive;
    this.#colors.meet([self]);
  }

  /** Says where it is, and what to do. */
  listening(address: Address, added: readonly string[]): void {
    const place = formatAddress(address);
    this.#terminal.event({ event: "listening", address: place, name: this.#self });
    const hint = added.length === 0
      ? "add a node, or be added by one"
      : `looking for ${nameList(added)}`;
    this.#notice(`${this.#self} at ${place}: ${hint}`);
  }

  /** Tells of what happened. */
  report(event: GossipEvent): void {
    if (event.type === "rumor") {
      this.#terminal.event({ event: "rumor", ...rumorObject(event.rumor) });
      return this.#rumor(event.rumor);
    }
    const { name, isUp } = event;
    const state = isUp ? "up" : "down";
    this.#terminal.event({ event: "peer", name, state });
    this.#colors.meet([name]);
    this.#notice(`${this.#paint(printable(name), name)} is ${state}`);
  }

  /** Answers a command that was done; an empty story is for programs alone. */
  ok(command: string, story: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#terminal.event({ event: "ok", command, ...facts });
    if (story !== "") {
      this.#terminal.say(`${this.#terminal.green("ok:")} ${this.#wrapped(story, 4)}`);
    }
  }

  /** Answers a command that was not done. */
  refuse(command: string, reason: string): void {
    this.#terminal.event({ event: "error", command, reason });
    this.#terminal.error(`${printable(command)}: ${reason}`);
  }

  /** Answers `list`. */
  list(rumors: readonly Rumor[]): void {
    this.ok("list", rumors.length === 0 ? "there are no rumors" : "", {
      rumors: rumors.map(rumorObject),
    });
    for (const rumor of rumors) this.#rumor(rumor);
  }

  /** Answers `status`. */
  status(report: GossipReport): void {
    const { peers, up, down, kept, hot, messagesSent, datagrams, frames, bytes } = report;
    const { unsent, malformed } = report;
    const [there, gone] = [true, false].map((isUp) =>
      peers.filter(({ state }) => isUp === (state === "alive" || state === "suspect"))
        .map(({ name }) => name)
    );
    this.ok("status", "", {
      ...{ name: this.#self, up, down },
      peers: peers.map(({ name, address, state }) => ({ name, address, state })),
      ...{ kept, hot, ...summarize(report) },
      ...{ messages: messagesSent, datagrams, frames, bytes, unsent, malformed },
    });
    this.#answer(`Up: ${nameList([this.#self, ...there!])}`);
    if (gone!.length > 0) this.#answer(`Down: ${nameList(gone!)}`);
    this.#answer(`Kept: ${kept}, of which ${hot} are being told`);
    for (const line of describeSummary(summarize(report))) this.#answer(line);
    const lost = unsent === 0 ? "" : `, ${unsent} were lost here`;
    const nonsense = malformed === 0 ? "" : `; ${malformed} that came made no sense`;
    this.#answer(`Messages: ${messagesSent}, ${bytes} bytes${lost}${nonsense}`);
  }

  /** Answers `help`. */
  help(): void {
    this.ok("help", "");
    for (const [written, does] of Object.values(GOSSIP_COMMANDS)) {
      this.#terminal.result(`${written.padEnd(9)} ${does}`);
    }
  }

  /** What it all came to. */
  summary(report: GossipReport): void {
    const summary = summarize(report);
    this.#terminal.event({ event: "summary", ...summary });
    for (const line of describeSummary(summary)) this.#notice(line);
  }

  #rumor(rumor: Rumor): void {
    const { origin, hops } = rumor;
    this.#colors.meet([origin]);
    const name = `${printable(origin)}:`;
    const text = printable(this.#shown(rumor.text));
    const way = this.#terminal.dim(`(hops ${hops})`);
    if (!this.#interactive) return this.#terminal.result(`${name} ${text} ${way}`);
    const wrapped = wrapWords(`${name} ${text}`, 0, this.#terminal.width);
    this.#terminal.result(`${this.#paint(name, origin)}${wrapped.slice(name.length)} ${way}`);
  }

  #shown(text: string): string {
    if (!this.#interactive || text.length <= SHOWN_UNITS) return text;
    return `${text.slice(0, SHOWN_UNITS).toWellFormed()}… (${text.length} characters)`;
  }

  #paint(text: string, name: string): string {
    return this.#terminal.colors ? this.#colors.paint(text, name) : text;
  }

  /** What somebody has asked for. */
  #answer(text: string): void {
    this.#terminal.result(this.#wrapped(text, 0));
  }

  /** What happens by itself. */
  #notice(text: string): void {
    if (this.#interactive) this.#terminal.say(this.#wrapped(text, 0));
    else this.#terminal.notice(text);
  }

  #wrapped(text: string, indent: number): string {
    return this.#interactive ? wrapWords(text, indent, this.#terminal.width) : text;
  }
}

/** A rumor for programs. */
function rumorObject(rumor: Rumor): Readonly<Record<string, unknown>> {
  const { text, origin, hops } = rumor;
  return { id: rumorName(rumor), text, from: origin, hops };
}
