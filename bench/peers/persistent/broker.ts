/**
 * A broker that runs, with subscribers of ours, each a process of its own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { linesOf } from "./lines.ts";
import { type Publisher, type Service, type Subscriber, SUBSCRIBERS } from "./measurement.ts";
import type { SystemName } from "./subscriber.ts";

/** Starts the subscribers of a broker that takes connections. Ends the broker in the end. */
export async function startService(
  system: SystemName,
  server: Deno.ChildProcess,
  port: number,
  connect: () => Promise<Publisher>,
): Promise<Service> {
  const subscribers = Array.from(
    { length: SUBSCRIBERS },
    (_, i) => new SubscriberProcess(system, port, `sub${i}`),
  );
  const service = {
    connect,
    subscribers,
    async [Symbol.asyncDispose]() {
      await Promise.all(subscribers.map((subscriber) => subscriber.end()));
      server.kill("SIGKILL"); // Its store is thrown away.
      await server.status;
    },
  };
  try {
    await Promise.all(subscribers.map((subscriber) => subscriber.told("open")));
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
  return service;
}

/** One subscriber's process. */
class SubscriberProcess implements Subscriber {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  constructor(system: SystemName, port: number, name: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--allow-net"],
        fileURLToPath(new URL("subscriber.ts", import.meta.url)),
        ...[system, String(port), name],
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  async received(count: number): Promise<number> {
    const text = await this.#ask(`count ${count}`);
    return Number(text);
  }

  async leave(): Promise<void> {
    await this.#ask("leave");
  }

  async comeBack(): Promise<void> {
    await this.#ask("open");
  }

  async verify(count: number): Promise<void> {
    // It would have complained of anything else than the next message.
    const total = Number(await this.#ask("total"));
    if (total !== count) throw new Error(`a subscriber got ${total} of ${count} messages`);
  }

  /** Asks for something whose answer is a word. */
  async told(command: string): Promise<void> {
    await this.#ask(command);
  }

  async end(): Promise<void> {
    await this.#input.close().catch(() => {/* It has ended before. */});
    await this.#child.status;
  }

  async #ask(command: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${command}\n`));
    const { value, done } = await this.#lines.next();
    if (done || value.startsWith("error")) throw new Error(`a subscriber failed: ${value}`);
    return value;
  }
}
