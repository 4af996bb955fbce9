/**
 * What a chat prints: to people at a terminal, to a pipe, or as JSON.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import type { ChatEvent, ChatPresence } from "../hosts/chat_host.ts";
import { CHAT_COMMANDS } from "./chat_input.ts";
import { ChatStory, describePresence } from "./chat_story.ts";
import { NameColors } from "./name_colors.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { formatRate } from "./values/rate.ts";
import { wrapWords } from "./wrap_words.ts";

/** Columns of `HH:MM:SS `. */
const TIME_COLUMNS = 9;

/** People hear for whom the chat waits once in so many milliseconds: while a group of many starts,
 * that changes all the time. */
const WAITING_PAUSE_MS = 1000;

/** Prints. Lines are results; what else happens is a notice. */
export class ChatOutput implements Disposable {
  readonly #terminal: Terminal;
  readonly #onScreen: boolean;
  readonly #story: ChatStory;
  readonly #colors = new NameColors();
  #waitingTimer: ReturnType<typeof setTimeout> | undefined;
  /** What is to be told when the timer fires. */
  #waiting: ChatEvent | null = null;
  #toldWaiting = "";

  /** For the process named `self`; on screen, lines have times and colors. */
  constructor(terminal: Terminal, self: string, onScreen: boolean) {
    this.#terminal = terminal;
    this.#onScreen = onScreen;
    this.#story = new ChatStory(self);
  }

  /** Tells of what happened. */
  report(event: ChatEvent): void {
    this.#terminal.event(eventObject(event));
    if (event.type === "deliver") this.#line(event.sender, event.text);
    else if (event.type === "warning") this.complain(event.reason);
    else if (event.type === "waiting") this.#tellWaiting(event);
    else {
      if (event.type === "view") {
        this.#forgetWaiting();
        this.#colors.meet(event.members);
      }
      for (const notice of this.#story.tell(event)) this.notice(notice);
    }
  }

  /** Says something to people that is no line of the chat. */
  notice(text: string): void {
    if (!this.#onScreen) this.#terminal.notice(text);
    else this.#terminal.say(this.#framed(this.#terminal.dim("* ") + this.#wrapped(text, 2)));
  }

  /** Says that this one is leaving. */
  goodbye(): void {
    this.#story.end();
    this.notice("Saying goodbye");
  }

  /** Says what somebody has asked for: on screen also with `--quiet`. */
  answer(text: string): void {
    if (!this.#onScreen) this.#terminal.notice(text);
    else this.#terminal.result(this.#framed(this.#terminal.dim("* ") + this.#wrapped(text, 2)));
  }

  /** The text in the color of the name, where there are colors. */
  paint(text: string, name: string): string {
    return this.#terminal.colors ? this.#colors.paint(text, name) : text;
  }

  /** Says that something is wrong. */
  complain(text: string): void {
    if (!this.#onScreen) this.#terminal.warn(text);
    else {
      this.#terminal.result(
        this.#framed(this.#terminal.red("! ") + this.#wrapped(printable(text), 2)),
      );
    }
  }

  /** Who is there. */
  who(everybody: readonly ChatPresence[]): void {
    const members = everybody.map(({ name, state, self }) => ({ name, state, self }));
    this.#terminal.event({ event: "who", members });
    this.answer(describePresence(everybody));
  }

  /** Whether lines are generated, and how many a second (0 for none). */
  generating(perSecond: number): void {
    this.#terminal.event({ event: "generating", perSecond });
    this.answer(
      perSecond === 0 ? "Generating no lines" : `Generating lines, ${formatRate(perSecond)}`,
    );
  }

  /** The commands. */
  help(): void {
    for (const [command, does] of Object.entries(CHAT_COMMANDS)) {
      this.answer(`/${command.padEnd(6)} ${does}`);
    }
    this.answer("All else is multicast; // begins a line with a slash");
  }

  /** Prints nothing any more by itself. */
  [Symbol.dispose](): void {
    this.#forgetWaiting();
  }

  #line(sender: string, text: string): void {
    const name = printable(sender);
    if (!this.#onScreen) {
      this.#terminal.result(`${name}: ${printable(text)}`);
      return;
    }
    const head = this.paint(`${name}:`, sender);
    const indented = wrapWords(`${name}: ${printable(text)}`, TIME_COLUMNS, this.#terminal.width);
    this.#terminal.result(this.#framed(head + indented.slice(name.length + 1)));
  }

  #wrapped(text: string, indent: number): string {
    return wrapWords(text, TIME_COLUMNS + indent, this.#terminal.width);
  }

  #framed(text: string): string {
    return `${this.#terminal.dim(timeOfDay(new Date()))} ${text}`;
  }

  /** Tells at once, and then the latest after a pause. */
  #tellWaiting(event: ChatEvent): void {
    this.#waiting = event;
    if (this.#waitingTimer !== undefined) return;
    this.#waitingTimer = setTimeout(() => {
      this.#waitingTimer = undefined;
      if (this.#waiting !== null) this.#tellWaiting(this.#waiting);
    }, WAITING_PAUSE_MS);
    this.#waiting = null;
    for (const notice of this.#story.tell(event)) {
      if (notice !== this.#toldWaiting) this.notice(notice);
      this.#toldWaiting = notice;
    }
  }

  #forgetWaiting(): void {
    clearTimeout(this.#waitingTimer);
    this.#waitingTimer = undefined;
    this.#waiting = null;
    this.#toldWaiting = "";
  }
}

/** The event for programs. */
function eventObject(event: ChatEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "listening":
      return { event: "listening", address: formatAddress(event.address) };
    case "waiting":
    case "blocked":
      return { event: event.type, for: event.names };
    case "view": {
      const { number, members, joined, left } = event;
      return { event: "view", number, members, joined, left };
    }
    case "deliver": {
      const { sender, seq, text } = event;
      return { event: "deliver", sender, seq, text };
    }
    case "silent":
    case "heard":
      return { event: event.type, name: event.name };
    case "warning":
      return { event: "warning", reason: event.reason };
  }
}

/** `HH:MM:SS` where the reader is. */
function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}
