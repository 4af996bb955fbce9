/**
 * What `mpcomm participant ... msend --stdin` does: multicasts lines in the name of a participant
 * that is online, many at a time over one connection.
 *
 * @module
 */

import type { Address } from "../hosts/address.ts";
import { newRequestId } from "../hosts/coordinator_client.ts";
import { MAX_TEXT_BYTES } from "../hosts/persistent_limits.ts";
import { RequestStream } from "../hosts/request_stream.ts";
import { BYTE_DECODER, LineReader } from "./line_reader.ts";
import type { Signals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

/** Progress is shown so often, in milliseconds. */
const PROGRESS_MS = 200;

/** Who sends, and to where. */
export interface MsendOptions {
  readonly id: string;
  readonly coordinator: Address;
  /** Give up when for so long nothing was acknowledged, in milliseconds. */
  readonly patienceMs: number;
}

/** Sends all lines of stdin, byte by byte as they stand; returns the exit code. The first one that can't be sent ends it. */
export async function msendLines(
  { id, coordinator, patienceMs }: MsendOptions,
  terminal: Terminal,
  signals: Signals,
): Promise<number> {
  const sending = new Sending(terminal);
  const stream = new RequestStream(coordinator, {
    patienceMs,
    onTrouble: (reason) => sending.trouble(reason),
  });
  const lines = new LineReader(Deno.stdin, MAX_TEXT_BYTES + 2, BYTE_DECODER);
  const prefix = newRequestId();
  const timer = setInterval(() => sending.showProgress(), PROGRESS_MS);
  const answers = new Set<Promise<void>>();
  try {
    for (let number = 1; !sending.isOver; number++) {
      const text = await lines.next(signals.stop);
      if (text === null) break;
      const payload = bytesOf(text);
      if (payload.length > MAX_TEXT_BYTES) {
        sending.fail(number, `a message has at most ${MAX_TEXT_BYTES} bytes`);
        break;
      }
      await stream.untilRoom();
      if (sending.isOver) break;
      const request = `${prefix}-${number}`;
      const answer = sending.hear(number, stream.send({ type: "msend", request, id, payload }));
      answers.add(answer);
      void answer.then(() => answers.delete(answer));
    }
    await Promise.all(answers);
  } finally {
    clearInterval(timer);
    await stream.close();
  }
  return signals.exitCode(sending.conclude());
}

/** The bytes that a line was read from, UTF-8 or not. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** How far it has come. */
class Sending {
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  #acknowledged = 0;
  /** Neither acknowledged nor refused. */
  #unknown = 0;
  #first: number | null = null;
  #last: number | null = null;
  #failure: string | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Whether something went wrong. */
  get isOver(): boolean {
    return this.#failure !== null;
  }

  /** A line can't be sent. The first one that fails is told of. */
  fail(line: number, reason: string): void {
    this.#failure ??= `line ${line}: ${reason}`;
  }

  /** Awaits what becomes of a line. */
  async hear(line: number, answer: ReturnType<RequestStream["send"]>): Promise<void> {
    try {
      const reply = await answer;
      if (reply.type === "error") return this.fail(line, reply.reason);
      this.#acknowledged++;
      this.#first ??= reply.seq;
      this.#last = reply.seq;
    } catch (error) {
      this.#unknown++;
      this.fail(line, (error as Error).message);
    }
  }

  trouble(reason: string): void {
    if (!this.isOver) this.#terminal.warn(`${reason}; trying again`);
  }

  showProgress(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = Math.round(this.#acknowledged / seconds);
    this.#terminal.progress(`${this.#acknowledged} messages stored, ${rate} a second`);
  }

  /** Says what became of it all; returns the exit code. */
  conclude(): number {
    this.#terminal.progress("");
    const messages = this.#acknowledged;
    const facts = { messages, first: this.#first, last: this.#last };
    const numbers = messages === 0 ? "" : `, numbers ${this.#first} to ${this.#last}`;
    const count = messages === 1 ? "1 message" : `${messages} messages`;
    if (this.#failure === null) {
      this.#terminal.event({ event: "ok", command: "msend", ...facts });
      this.#terminal.say(`${this.#terminal.green("ok:")} ${count} stored${numbers}`);
      return 0;
    }
    const unknown = this.#unknown === 0 ? "" : `; ${this.#unknown} more may be stored or not`;
    const event = { event: "error", command: "msend", reason: this.#failure };
    this.#terminal.event({ ...event, ...facts, unknown: this.#unknown });
    this.#terminal.error(`msend: ${this.#failure} (${count} stored${numbers}${unknown})`);
    return 1;
  }
}
