/**
 * How soon 50 participants have a message, one of them stopped and one dead: all of them real
 * processes that write their logs to disk.
 *
 * `deno run -A bench/persistent_crowd.ts [--participants 50] [--messages 200] [--interval 20]`
 *
 * Prints the time from sending to the line that each participant prints when its log is on disk; of
 * all messages at all participants, and of each message at its last participant.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { RequestStream } from "../src/hosts/request_stream.ts";
import { selfCommand } from "../src/hosts/self_command.ts";
import { linesOf } from "./peers/persistent/lines.ts";

async function main(participants: number, messages: number, intervalMs: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "persistent_crowd_" });
  await using running = new AsyncDisposableStack();
  running.defer(() => Deno.remove(folder, { recursive: true }));
  const coordinator = start([
    ...["coordinator", "--listen", "127.0.0.1:0", "--td", "60", "--store", `${folder}/messages.db`],
  ]);
  running.defer(() => end(coordinator));
  const { value } = await linesOf(coordinator.stdout).next();
  const address = String(JSON.parse(value!).address);
  const crowd = Array.from({ length: participants }, (_, i) => {
    const participant = new Participant(`p${i}`, address, folder);
    running.defer(() => participant.end());
    return participant;
  });
  await Promise.all(crowd.map(({ connected }) => connected));
  const [stopped, dead, ...others] = crowd;
  stopped?.signal("SIGSTOP");
  dead?.signal("SIGKILL");
  await send(address, others[0]!.id, messages, intervalMs);
  await Promise.all(others.map((other) => other.received(messages)));
  print(others.map(({ latenciesMs }) => latenciesMs));
}

/** Each message says when it was sent. */
async function send(address: string, id: string, messages: number, intervalMs: number) {
  const [host, port] = address.split(":");
  const stream = new RequestStream({ host: host!, port: Number(port) });
  const encoder = new TextEncoder();
  const answers = [];
  for (let i = 0; i < messages; i++) {
    const payload = encoder.encode(`${performance.now()} ${"x".repeat(80)}`);
    answers.push(stream.send({ type: "msend", request: `r${i}`, id, payload }));
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  await Promise.all(answers);
  await stream.close();
}

class Participant {
  readonly id: string;
  readonly connected: Promise<void>;
  /** Of the messages in their order. */
  readonly latenciesMs: number[] = [];
  readonly #child: Deno.ChildProcess;
  #wake: () => void = () => {};

  constructor(id: string, address: string, folder: string) {
    this.id = id;
    this.#child = start([
      ...["participant", "--id", id, "--log", `${folder}/${id}.log`, "--coordinator", address],
      ...["--exec", "register"],
    ]);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.connected = promise;
    void this.#follow(resolve);
  }

  async received(messages: number): Promise<void> {
    while (this.latenciesMs.length < messages) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async end(): Promise<void> {
    await end(this.#child);
  }

  async #follow(onConnected: () => void): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      const now = performance.now();
      const event = JSON.parse(line);
      if (event.event === "connected") onConnected();
      if (event.event !== "message") continue;
      this.latenciesMs.push(now - parseFloat(event.text));
      this.#wake();
    }
  }
}

function start(args: readonly string[]): Deno.ChildProcess {
  const { command, args: words } = selfCommand([...args, "--json", "--quiet"]);
  return new Deno.Command(command, {
    args: words,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch { /* It has ended before. */ }
  await child.status;
}

function print(latenciesMs: readonly (readonly number[])[]): void {
  const all = latenciesMs.flat();
  const last = latenciesMs[0]!.map((_, i) => Math.max(...latenciesMs.map((one) => one[i]!)));
  for (const [name, values] of [["each participant", all], ["the last one", last]] as const) {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(1);
    const line = `${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(0.99999)} ms\n`;
    Deno.stdout.writeSync(new TextEncoder().encode(line));
  }
}

const { values } = parseArgs({
  options: {
    participants: { type: "string", default: "50" },
    messages: { type: "string", default: "200" },
    interval: { type: "string", default: "20" },
  },
});
await main(Number(values.participants), Number(values.messages), Number(values.interval));
