/**
 * One participant's user: does what is typed or read, a command after the other, and answers each
 * once.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import type {
  CommandOutcome,
  ParticipantEvent,
  ParticipantHost,
} from "../hosts/participant_host.ts";
import { MAX_TEXT_BYTES } from "../hosts/persistent_limits.ts";
import { parseParticipantInput, type ParticipantInput } from "./participant_input.ts";
import type { ParticipantOutput } from "./participant_output.ts";

/** Who goes doesn't wait longer for the coordinator, in milliseconds. */
const GOODBYE_MS = 2000;

/** What a session needs of a participant. */
export type ParticipantPort = Pick<
  ParticipantHost,
  | "state"
  | "register"
  | "reconnect"
  | "disconnect"
  | "deregister"
  | "msend"
  | "status"
  | "giveUp"
>;

/** Does commands. */
export class ParticipantSession {
  readonly #port: ParticipantPort;
  readonly #output: ParticipantOutput;
  readonly #encoder = new TextEncoder();
  readonly #quit = Promise.withResolvers<void>();
  #last: Promise<unknown> = Promise.resolve();
  #address = "";
  #hasEnded = false;
  /** No more commands will come, so it is only worth going on while messages may. */
  #isFed = false;
  #refused = 0;

  constructor(port: ParticipantPort, output: ParticipantOutput) {
    this.#port = port;
    this.#output = output;
  }

  /** Resolves after `quit`, and what counts as one. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  /** How many commands could not be done. */
  get refused(): number {
    return this.#refused;
  }

  /** Follows what happens to the participant. */
  follow(event: ParticipantEvent): void {
    if (event.type === "listening") this.#address = formatAddress(event.address);
    this.#output.report(event);
    if (event.type === "changed" && this.#isFed) void this.endOfInput();
  }

  /** Does what a line says, after all before it. Resolves when it is answered. */
  feed(line: string): Promise<void> {
    const input = parseParticipantInput(line);
    if (input === null) return Promise.resolve();
    return this.#after(() => this.#do(input));
  }

  /** No more lines will come. Ends unless messages may still come. */
  endOfInput(): Promise<void> {
    this.#isFed = true;
    return this.#after(async () => {
      if (this.#port.state !== "online") await this.#end();
    });
  }

  /** The same as `quit`, but after no other command: that under way is given up. */
  async stop(): Promise<void> {
    this.#hasEnded = true;
    this.#port.giveUp();
    await this.#last;
    this.#hasEnded = false;
    await this.#end();
  }

  #after(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(async () => {
      if (!this.#hasEnded) await act();
    });
    this.#last = done;
    return done;
  }

  async #do(input: ParticipantInput): Promise<void> {
    switch (input.command) {
      case null:
        return this.#refuse(input.word, input.reason);
      case "register":
      case "reconnect":
        return this.#answer(
          input.command,
          await this.#port[input.command](input.port),
          (seq) =>
            `${input.command}ed, listening at ${this.#address}; messages after ${seq} will come`,
        );
      case "disconnect":
        return this.#answer(
          "disconnect",
          await this.#port.disconnect(),
          () => "disconnected; messages wait for you at the coordinator, as far as td reaches",
        );
      case "deregister":
        return this.#answer("deregister", await this.#port.deregister(), () => "deregistered");
      case "msend":
        return await this.#msend(input.text);
      case "status":
        return this.#output.status(await this.#port.status());
      case "quit":
        return await this.#end();
    }
  }

  async #msend(text: string): Promise<void> {
    const payload = this.#encoder.encode(text);
    if (payload.length > MAX_TEXT_BYTES) {
      return this.#refuse("msend", `a message has at most ${MAX_TEXT_BYTES} bytes`);
    }
    this.#answer("msend", await this.#port.msend(payload), (seq) => `message ${seq} is stored`);
  }

  /** Says goodbye, so that the coordinator knows since when this one is offline. */
  async #end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#port.state === "online") {
      const outcome = await this.#port.disconnect(GOODBYE_MS);
      // Who is told that it is no member any more need not say goodbye.
      if (!outcome.ok && this.#port.state === "online") {
        this.#refuse("quit", `the coordinator doesn't know that we go: ${outcome.reason}`);
        return this.#quit.resolve();
      }
    }
    this.#output.ok("quit", "goodbye");
    this.#quit.resolve();
  }

  #answer(command: string, outcome: CommandOutcome, story: (seq: number) => string): void {
    if (!outcome.ok) this.#refuse(command, outcome.reason);
    else this.#output.ok(command, story(outcome.seq), factsOf(command, outcome.seq));
  }

  #refuse(command: string, reason: string): void {
    this.#refused++;
    this.#output.refuse(command, reason);
  }
}

/** `seq` is a message's own number only where one was sent; elsewhere what will come is above it. */
function factsOf(command: string, seq: number): Readonly<Record<string, unknown>> {
  if (command === "msend") return { seq };
  return command === "register" || command === "reconnect" ? { after: seq } : {};
}
