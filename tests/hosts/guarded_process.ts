/**
 * A process of its own that runs a command under a guard, and a witness of that command's life.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../../src/hosts/self_command.ts";
import type { Plan } from "./guarded_command_fixture.ts";

/** No test waits longer than this for one thing. */
const BOUND_MS = 60_000;

/** What is put in front of each script: descriptor 9 leads to the witness. */
const PROLOGUE = 'exec 9>"$0"; ';

/** Text that comes bit by bit, until it ends. */
class Growing {
  readonly #watchers = new Set<() => void>();
  text = "";
  isOver = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    void this.#follow(source);
  }

  /** Resolves with the match as soon as the text matches. */
  async matches(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(`${pattern}`, () => pattern.exec(this.text));
  }

  /** Resolves with all of it when it has ended. */
  async end(): Promise<string> {
    return await this.#until("the end", () => this.isOver ? this.text : null);
  }

  async #until<T>(what: string, look: () => T | null): Promise<T> {
    const found = Promise.withResolvers<T>();
    const watcher = () => {
      const result = look();
      if (result !== null) found.resolve(result);
      else if (this.isOver) found.reject(new Error(`no ${what} in ${JSON.stringify(this.text)}`));
    };
    const timer = setTimeout(
      () => found.reject(new Error(`no ${what} yet in ${JSON.stringify(this.text)}`)),
      BOUND_MS,
    );
    this.#watchers.add(watcher);
    watcher();
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    }
  }

  async #follow(source: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of source) {
      this.text += decoder.decode(bytes, { stream: true });
      for (const watcher of this.#watchers) watcher();
    }
    this.isOver = true;
    for (const watcher of this.#watchers) watcher();
  }
}

/** How the process ends. */
export interface GuardedEnding {
  readonly code: number;
  readonly stdout: string;
  /** What it said of the command's end. */
  readonly ended: unknown;
}

/** What else there is to say about the plan. */
export interface GuardedOptions {
  readonly leaseMs?: number;
  readonly everyMs?: number;
  /** Whether it runs on a terminal of its own, where what is typed into it is typed there. */
  readonly onTerminal?: boolean;
}

/** A process that runs a script under a guard. */
export class GuardedProcess implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  /** What it and the command print. */
  readonly stdout: Growing;
  /** What the command and all who were started by it write to descriptor 9. It ends when none of
   * them is alive any more. */
  readonly witness: Growing;

  /** Runs a script of `sh`; the lease is long and is extended unless told otherwise. */
  static async run(script: string, options: GuardedOptions = {}): Promise<GuardedProcess> {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-test-" });
    const fifo = `${folder}/witness`;
    const { success } = await new Deno.Command("mkfifo", { args: [fifo] }).output();
    assert.ok(success);
    const plan: Plan = {
      command: "sh",
      args: ["-c", PROLOGUE + script, fifo],
      leaseMs: options.leaseMs ?? 10_000,
      everyMs: options.everyMs ?? 1000,
    };
    const words = fixtureWords(plan);
    return new GuardedProcess(folder, fifo, options.onTerminal ? onTerminal(words) : words);
  }

  private constructor(folder: string, fifo: string, words: readonly string[]) {
    this.#folder = folder;
    const [command, ...args] = words;
    this.#child = new Deno.Command(command!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.stdout = new Growing(this.#child.stdout);
    this.witness = new Growing(contentOf(fifo));
  }

  /** Types into stdin. */
  async type(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  /** Signals the process: not the guard, and not the command. */
  async kill(signal: Deno.Signal): Promise<void> {
    const [, pid] = await this.stdout.matches(/"pid":(\d+)/);
    Deno.kill(Number(pid), signal);
  }

  /** Waits for the process, and for all that it leaves behind. */
  async end(): Promise<GuardedEnding> {
    const { code } = await this.#child.status;
    const stdout = await this.stdout.end();
    const ended = /\{"event":"ended".*\}/.exec(stdout)?.[0] ?? "null";
    return { code, stdout, ended: JSON.parse(ended) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#stdin.close().catch(() => {}); // Nobody reads it any more.
    // Had the command never come to it, the witness would wait for ever.
    (await Deno.open(`${this.#folder}/witness`, { read: true, write: true })).close();
    await this.witness.end();
    await this.stdout.end();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Words that run a command line on a pseudo-terminal, by `script` of util-linux. */
function onTerminal(words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return ["script", "-qec", `exec ${quoted}`, "/dev/null"];
}

/** The command line of the fixture with a plan. */
function fixtureWords(plan: Plan): string[] {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const fixture = fileURLToPath(new URL("guarded_command_fixture.ts", import.meta.url));
  return [
    ...[Deno.execPath(), "run", "--quiet", "--no-prompt", "--config", config, ...PERMISSIONS],
    ...[fixture, JSON.stringify(plan)],
  ];
}

/** What is written to a pipe, once somebody has opened it. */
async function* contentOf(fifo: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(fifo);
  yield* file.readable;
}
