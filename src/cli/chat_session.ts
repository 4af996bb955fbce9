/**
 * One person's part in a chat: does what is typed.
 *
 * @module
 */

import type { ChatEvent, ChatHost } from "../hosts/chat_host.ts";
import type { ChatGenerator } from "./chat_generator.ts";
import { type ChatCommand, parseChatInput } from "./chat_input.ts";
import type { ChatOutput } from "./chat_output.ts";
import { LINE_LENGTH_MAX } from "./line_reader.ts";

/** What a session needs of a chat's member. */
export type ChatMemberPort = Pick<ChatHost, "say" | "who" | "leave">;

/** The longest line that is sent, in bytes of UTF-8. */
const LINE_BYTES_MAX = 65_536;

/** So long a script's line waits for room before it is tried again, in milliseconds. */
const RETRY_MS = 20;

/** How a session begins. */
export interface ChatSessionOptions {
  /** The own name in the chat. */
  readonly self: string;
  readonly output: ChatOutput;
  /** Lines a second to begin with; 0 for none. */
  readonly generatePerSecond: number;
  /** Makes the generator that says its lines so. */
  readonly createGenerator: (say: (line: string) => void) => ChatGenerator;
}

/** A rate for `/start` where the command line gave none, a second. */
const DEFAULT_PER_SECOND = 1;

/** Reads lines, and acts on them. */
export class ChatSession {
  readonly #self: string;
  readonly #output: ChatOutput;
  readonly #generator: ChatGenerator;
  readonly #encoder = new TextEncoder();
  readonly #quit = Promise.withResolvers<void>();
  readonly #perSecond: number;
  /** Whether lines are to be generated: once the group is there, before it is pointless. */
  #wantsLines: boolean;
  #hasBegun = false;
  /** Whether it has been told that it can't come in. */
  #isBarred = false;
  #refusal: string | null = null;
  /** How many lines the chat has taken, and how many of them have been delivered here. */
  #said = 0;
  #delivered = 0;
  #hasEnded = false;
  #port: ChatMemberPort | null = null;

  /** A session that has no chat yet. */
  constructor({ self, output, generatePerSecond, createGenerator }: ChatSessionOptions) {
    this.#self = self;
    this.#output = output;
    this.#wantsLines = generatePerSecond > 0;
    this.#perSecond = generatePerSecond || DEFAULT_PER_SECOND;
    this.#generator = createGenerator((line) => this.#generate(line));
  }

  /** Resolves at `/quit`, and at what counts as one. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  /** Why there is no way into the chat, if there is none. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** How many of the own lines have not been delivered yet. */
  get underWay(): number {
    return this.#said - this.#delivered;
  }

  /** Gives the session its chat. */
  enter(port: ChatMemberPort): void {
    this.#port = port;
    this.#letGenerate();
  }

  /** Follows what happens in the chat. */
  follow(event: ChatEvent): void {
    if (event.type === "warning" && event.cause === "taken") {
      this.#refusal = event.reason;
      return this.end();
    }
    if (event.type === "warning" && event.cause !== undefined) this.#isBarred = true;
    if (event.type === "view") this.#hasBegun = true;
    if (event.type === "deliver" && event.sender === this.#self) this.#delivered++;
    this.#output.report(event);
    this.#letGenerate();
  }

  /** Does what a person has typed. What can't be sent now is refused. */
  type(line: string): void {
    const before = this.#said;
    if (!this.#act(line)) {
      this.#output.complain("too many lines wait for the others already; not sent");
    } else if (!this.#hasBegun && this.#said > before) {
      this.#output.notice(
        this.#isBarred
          ? "The line waits, and is lost if you end before you come in"
          : "The line will be sent when the chat begins",
      );
    }
  }

  /** Does what a script has written, a line after the other. What can't be sent now is sent as soon
   * as there is room; and `/quit` waits for the chat to begin if there is something to say in it. */
  async feed(line: string, stop: AbortSignal): Promise<void> {
    const { type, command } = { command: null, ...parseChatInput(line) };
    const isQuit = type === "command" && command === "quit";
    for (;;) {
      const isEarly = isQuit && !this.#hasBegun && this.underWay > 0;
      if (this.#hasEnded || stop.aborted || !isEarly && this.#act(line)) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** The same as `/quit`. */
  end(): void {
    this.#hasEnded = true;
    this.#wantsLines = false;
    this.#generator.stop();
    this.#quit.resolve();
  }

  /** Returns false if there is no room for the line now. */
  #act(line: string): boolean {
    if (this.#hasEnded) return true;
    const input = parseChatInput(line);
    switch (input.type) {
      case "nothing":
        return true;
      case "mistake":
        this.#output.complain(input.reason);
        return true;
      case "command":
        this.#obey(input.command);
        return true;
      case "text":
        return this.#say(input.text, line);
    }
  }

  #say(text: string, line: string): boolean {
    // A line reader cuts what is longer: rather nothing than a part of it.
    const isCut = line.length >= LINE_LENGTH_MAX;
    if (isCut || this.#encoder.encode(text).length > LINE_BYTES_MAX) {
      this.#output.complain(`a line has at most ${LINE_BYTES_MAX} bytes; not sent`);
      return true;
    }
    return this.#multicast(text);
  }

  #obey(command: ChatCommand): void {
    switch (command) {
      case "start":
      case "stop":
        this.#wantsLines = command === "start";
        if (!this.#wantsLines) this.#generator.stop();
        this.#letGenerate();
        this.#output.generating(this.#wantsLines ? this.#perSecond : 0);
        return;
      case "who":
        this.#output.who(this.#port?.who ?? []);
        return;
      case "help":
        this.#output.help();
        return;
      case "quit":
        this.end();
        return;
    }
  }

  #letGenerate(): void {
    if (this.#wantsLines && this.#hasBegun && this.#port !== null) {
      this.#generator.start(this.#perSecond);
    }
  }

  #generate(line: string): void {
    // Without room the line is lost: nobody has typed it, and there will be others.
    this.#multicast(line);
  }

  /** Returns false if there is no room for the text now. */
  #multicast(text: string): boolean {
    if (this.#port === null) return false;
    try {
      this.#port.say(text);
      this.#said++;
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }
}
