/**
 * What a participant prints: messages, an answer to each command, and what else happens.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import type { Message, ParticipantEvent, ParticipantStatus } from "../hosts/participant_host.ts";
import { LineBuffer, printableAscii } from "../hosts/line_buffer.ts";
import { colorByName } from "./name_colors.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";
import { wrapWords } from "./wrap_words.ts";

/** What `printable` leaves as it is. */
const PLAIN = printableAscii();

/** Prints for one participant. */
export class ParticipantOutput {
  readonly #terminal: Terminal;
  readonly #id: string;
  readonly #decoder = new TextDecoder();
  /** Lines for whoever is no terminal. What is logged together is printed together: a write for each
   * message would cost more than all else that is done with it. */
  readonly #lines = new LineBuffer();
  readonly #interactive: boolean;
  /** Whether it was told that the coordinator is gone, and not yet that it is back. */
  #isGone = false;

  constructor(terminal: Terminal, id: string) {
    this.#terminal = terminal;
    this.#id = id;
    this.#interactive = terminal.interactive;
  }

  /** Says what it begins with. */
  ready(state: string, logged: number, log: string): void {
    this.#terminal.event({ event: "ready", id: this.#id, state, logged });
    const story = state === "offline"
      ? `${this.#id} has ${log} up to message ${logged}: go on with reconnect`
      : `${this.#id} is not registered: begin with register`;
    this.#terminal.notice(printable(story));
  }

  /** Tells of what happened. */
  report(event: ParticipantEvent): void {
    if (event.type !== "message") this.#flush();
    switch (event.type) {
      case "message":
        if (this.#interactive) this.#message(event.message);
        else this.#print(event.message);
        return;
      case "listening":
        this.#terminal.event({ event: "listening", address: formatAddress(event.address) });
        return;
      case "connected":
        this.#terminal.event({ event: "connected" });
        if (this.#isGone) this.#terminal.notice("The coordinator is back");
        this.#isGone = false;
        return;
      case "unconnected":
        this.#terminal.event({ event: "unconnected", reason: event.reason });
        this.#isGone = true;
        this.#terminal.notice("The coordinator is gone; it connects again when it is back");
        return;
      case "changed":
        this.#changed(event);
        return;
      case "warning":
        this.#terminal.event({ event: "warning", reason: event.reason });
        this.#terminal.warn(event.reason);
    }
  }

  /** Answers a command that was done. */
  ok(command: string, story: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#flush();
    this.#terminal.event({ event: "ok", command, ...facts });
    this.#terminal.say(`${this.#terminal.green("ok:")} ${this.#wrapped(story, 4)}`);
  }

  /** Answers a command that was not done. */
  refuse(command: string, reason: string): void {
    this.#flush();
    this.#terminal.event({ event: "error", command, reason });
    this.#terminal.error(command === "" ? reason : `${command}: ${reason}`);
  }

  /** Answers `status`. */
  status(status: ParticipantStatus): void {
    const { state, address, connected, logged, coordinator } = status;
    const where = address === null ? null : formatAddress(address);
    this.ok("status", describeStatus(this.#id, status), {
      id: this.#id,
      state,
      address: where,
      connected,
      logged,
      coordinator: coordinator === null ? null : {
        ...coordinator,
        members: coordinator.members.map((member) => ({
          ...member,
          address: formatAddress(member.address),
        })),
      },
    });
  }

  /** Prints a line at the end of the turn, with the others that the turn brings. */
  #print({ seq, at, sender, payload }: Message): void {
    const lines = this.#lines;
    if (lines.isEmpty) queueMicrotask(() => this.#flush());
    if (this.#terminal.json) {
      const text = this.#decoder.decode(payload);
      lines.text(JSON.stringify({ event: "message", seq, sender, text, at }));
    } else {
      lines.number(seq);
      lines.text(` ${printable(sender)}: `);
      if (!lines.plain(payload, PLAIN)) lines.text(printable(this.#decoder.decode(payload)));
    }
    lines.text("\n");
  }

  #flush(): void {
    if (!this.#lines.isEmpty) this.#terminal.write(this.#lines.take());
  }

  #message({ seq, sender, payload }: Message): void {
    const { colors } = this.#terminal;
    const text = this.#decoder.decode(payload);
    const name = printable(sender);
    const line = `${seq} ${name}: ${printable(text)}`;
    const head = `${seq} ${name}:`;
    const wrapped = this.#wrapped(line, `${seq} `.length);
    const painted = colors ? `${seq} ${colorByName(`${name}:`, sender)}` : head;
    this.#terminal.result(painted + wrapped.slice(head.length));
  }

  #changed({ state, why }: ParticipantEvent & { readonly type: "changed" }): void {
    this.#isGone = false;
    this.#terminal.event({ event: "changed", state, why });
    if (why === "replaced") {
      this.#terminal.warn(`another process has taken the place of ${this.#id}: ${state} now`);
    } else if (why === "left") {
      this.#terminal.warn(`the coordinator has put ${this.#id} ${state}`);
    } else {
      this.#terminal.warn(`for the coordinator ${this.#id} is ${state}`);
    }
  }

  #wrapped(text: string, indent: number): string {
    const { interactive, width } = this.#terminal;
    return interactive ? wrapWords(text, indent, width) : text;
  }
}

function describeStatus(id: string, status: ParticipantStatus): string {
  const { state, address, connected, logged, coordinator } = status;
  const where = address === null ? "" : `, listening at ${formatAddress(address)}`;
  const link = state !== "online" || connected ? "" : ", not connected to the coordinator";
  const log = logged === 0 ? "no message logged" : `logged up to message ${logged}`;
  const own = `${id} is ${state}${where}${link}; ${log}`;
  if (coordinator === null) return `${own}; the coordinator doesn't answer`;
  const { lastSeq, tdMs, members } = coordinator;
  const online = members.filter((member) => member.state === "online").length;
  const backlog = members.find((member) => member.id === id)?.backlog ?? 0;
  return `${own}; the coordinator has messages up to ${lastSeq}, ${backlog} of them to come, ` +
    `td ${tdMs / 1000} s, ${online} of ${members.length} members online`;
}
