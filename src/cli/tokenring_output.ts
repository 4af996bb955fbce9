/**
 * What a node of a token ring prints: the token as it passes, who has the lock, an answer to each
 * command.
 *
 * @module
 */

import { type Address, formatAddress } from "../hosts/address.ts";
import { LineBuffer } from "../hosts/line_buffer.ts";
import type { RingEvent, RingNodeStatus } from "../hosts/ring_node.ts";
import { nameList } from "./name_list.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { TOKENRING_COMMANDS } from "./tokenring_input.ts";
import { wrapWords } from "./wrap_words.ts";

/** People see the token at most so often, in milliseconds. */
const TOKEN_PAUSE_MS = 1000;

/** Programs see each token, at most so much later: a write for each would cost more than the hop. */
const FLUSH_PAUSE_MS = 20;

/** Prints for one node. */
export class TokenringOutput implements Disposable {
  readonly #terminal: Terminal;
  readonly #self: string;
  readonly #interactive: boolean;
  /** Tokens for programs. */
  readonly #lines = new LineBuffer();
  #flushedAt = -Infinity;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #tokenAt = -Infinity;

  constructor(terminal: Terminal, self: string) {
    this.#terminal = terminal;
    this.#self = self;
    this.#interactive = terminal.interactive;
  }

  /** Says where it is, and what to do. */
  listening(address: Address, machines: number, isStarted: boolean): void {
    const place = formatAddress(address);
    this.#event({ event: "listening", address: place, name: this.#self, machines });
    const ring = machines === 1 ? "a ring of one" : `one of ${machines} machines`;
    const hint = isStarted ? "the ring was started before" : "begin with start, at one of them";
    this.#notice(`${this.#self} at ${place}, ${ring}: ${hint}`);
  }

  /** Tells of what happened. `isWaiting`: the user is about to hear more of it. */
  report(event: RingEvent, isWaiting: boolean): void {
    switch (event.type) {
      case "token":
        return this.#token(event.value, event.epoch);
      case "view":
        this.#event({ event: "view", number: event.number, members: event.members });
        return this.#notice(`In the ring: ${nameList(event.members)}`);
      case "holder":
        return this.#holder(event.name, event.fence, isWaiting && event.name === this.#self);
      case "quorum":
        return this.#quorum(event.hasQuorum, event.reached, event.machines);
      case "warning":
        this.#event({ event: "warning", reason: event.reason });
        return this.#terminal.warn(event.reason);
    }
  }

  /** The user has the lock. */
  locked(fence: number): void {
    this.#event({ event: "locked", fence });
    this.#result(`${this.#terminal.green("You have the lock")} (fence ${fence})`);
  }

  /** The user has it no more, as wished. */
  unlocked(): void {
    this.#event({ event: "unlocked" });
  }

  /** The user has it no more, or waits no more. */
  lost(reason: string): void {
    this.#event({ event: "lost", reason });
    this.#terminal.error(`the lock is lost: ${reason}`);
  }

  /** Somebody else has the lock that the user waits for. */
  busy(holder: string, fence: number): void {
    this.#event({ event: "busy", holder, fence });
  }

  /** Answers a command that was done. */
  ok(command: string, story: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#event({ event: "ok", command, ...facts });
    this.#say(`${this.#terminal.green("ok:")} ${this.#wrapped(story, 4)}`);
  }

  /** Answers a command that was not done. */
  refuse(command: string, reason: string): void {
    this.#event({ event: "error", command, reason });
    this.#terminal.error(`${printable(command)}: ${reason}`);
  }

  /** Answers `status`. */
  status(status: RingNodeStatus, state: string): void {
    this.ok("status", describeStatus(status, state), { ...status, state });
  }

  /** Answers `help`. */
  help(): void {
    this.#event({ event: "ok", command: "help" });
    for (const [command, does] of Object.entries(TOKENRING_COMMANDS)) {
      this.#result(`${command.padEnd(8)} ${does}`);
    }
  }

  /** Prints what is left. */
  [Symbol.dispose](): void {
    this.#flush();
  }

  #token(value: number, epoch: number): void {
    const now = performance.now();
    if (this.#terminal.json) {
      this.#lines.text(`{"event":"token","value":${value},"epoch":${epoch}}\n`);
      if (now - this.#flushedAt >= FLUSH_PAUSE_MS) this.#flush();
      else this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_PAUSE_MS);
    } else if (now - this.#tokenAt >= TOKEN_PAUSE_MS) {
      this.#tokenAt = now;
      this.#result(`Token ${value} ${this.#terminal.dim(`(epoch ${epoch})`)}`);
    }
  }

  #holder(name: string | null, fence: number | null, isUser: boolean): void {
    this.#event({ event: "holder", name, fence });
    if (name === null) this.#notice("The lock is free");
    else if (!isUser) this.#notice(`${name} has the lock (fence ${fence})`);
  }

  #quorum(hasQuorum: boolean, reached: number, machines: number): void {
    const needed = majority(machines);
    this.#event({ event: "quorum", quorum: hasQuorum, reached, needed, machines });
    if (hasQuorum) this.#notice(`A majority answers: ${reached} of ${machines} machines`);
    else this.#terminal.warn(describeMinority(reached, machines));
  }

  #event(object: Readonly<Record<string, unknown>>): void {
    this.#flush();
    this.#terminal.event(object);
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    this.#flushedAt = performance.now();
    if (!this.#lines.isEmpty) this.#terminal.write(this.#lines.take());
  }

  /** What happens by itself. */
  #notice(text: string): void {
    if (this.#interactive) this.#terminal.say(this.#wrapped(text, 0));
    else this.#terminal.notice(text);
  }

  #result(text: string): void {
    this.#terminal.result(text);
  }

  #say(text: string): void {
    this.#terminal.say(text);
  }

  #wrapped(text: string, indent: number): string {
    return this.#interactive ? wrapWords(text, indent, this.#terminal.width) : text;
  }
}

/** Says that nobody gets the lock. */
export function describeMinority(reached: number, machines: number): string {
  const answer = reached === 1 ? "answers" : "answer";
  return `no quorum: only ${reached} of ${machines} machines ${answer}; ${
    majority(machines)
  } are ` +
    "needed, nobody is granted the lock";
}

/** What a node knows, in a sentence. `state` is how its user stands to the lock, where it has one. */
export function describeStatus(status: RingNodeStatus, state: string | null): string {
  const { node, isStarted, epoch, value, view, holder, fence, hasQuorum, reached, machines } =
    status;
  const own = state === null ? node : `${node} is ${state}`;
  if (!isStarted) return `${own}: there is no token yet, as far as is known`;
  const parts = [
    epoch === 0 ? "the token was not seen yet" : `token ${value} of epoch ${epoch}`,
    view.length === 0 ? "in no view" : `in the ring: ${nameList(view)}`,
  ];
  if (holder !== null) parts.push(`${holder} has the lock (fence ${fence})`);
  else if (epoch > 0) parts.push("the lock is free");
  if (hasQuorum === false) parts.push(describeMinority(reached, machines));
  if (status.waiting > 0) parts.push(`waiting here: ${status.waiting}`);
  if (status.malformed > 0) parts.push(`datagrams that made no sense: ${status.malformed}`);
  return `${own}: ${parts.join("; ")}`;
}

function majority(machines: number): number {
  return Math.floor(machines / 2) + 1;
}
