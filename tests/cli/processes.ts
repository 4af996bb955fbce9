/**
 * Real mpcomm processes that run beside a test: started, heard by the events that they print, and
 * ended with the test, whatever became of it.
 *
 * ```ts
 * import { RunningProcess } from "./processes.ts";
 *
 * async function managerEndsGracefully(): Promise<boolean> {
 *   await using manager = RunningProcess.start(["manager", "--listen", "127.0.0.1:0", "--json"]);
 *   await manager.event("listening");
 *   manager.kill("SIGTERM");
 *   return (await manager.end()).code === 143;
 * }
 * ```
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ReportedProperty, RunEvent } from "../../src/report/run_event.ts";
import { mpcommWords } from "./mpcomm.ts";

/** No test waits longer than this for one thing. */
const BOUND_MS = 90_000;

/** A line of JSON that a process printed. */
export interface PrintedEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** What a process left behind. */
export interface Ending {
  readonly code: number;
  /** The signal that ended it, if it did not end by itself. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON lines of its stdout. */
  readonly events: readonly PrintedEvent[];
}

/** How to start a process. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program's own, such as `ip netns exec NAME`. They must end in an exec, so that
   * signals reach the program. */
  readonly prefix?: readonly string[];
}

/** An mpcomm process. */
export class RunningProcess implements AsyncDisposable {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #events: PrintedEvent[] = [];
  readonly #ended: Promise<Ending>;
  #stdout = "";
  #stderr = "";
  /** Those who wait for something look again whenever something was printed. */
  readonly #watchers = new Set<() => void>();
  #isOver = false;

  /** Starts mpcomm with `args`. */
  static start(args: readonly string[], options: StartOptions = {}): RunningProcess {
    return new RunningProcess(args, options);
  }

  private constructor(args: readonly string[], { env = {}, prefix = [] }: StartOptions) {
    this.#name = `mpcomm ${args.join(" ")}`;
    const [command, ...words] = [...prefix, ...mpcommWords(), ...args];
    this.#child = new Deno.Command(command!, {
      args: words,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#ended = this.#follow();
  }

  /** The process's number in the operating system. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it has printed to stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The events of a kind that it has printed so far. */
  events(kind: string): PrintedEvent[] {
    return this.#events.filter(({ event }) => event === kind);
  }

  /** The first event of a kind (and one that matches), as soon as it is printed. */
  async event(
    kind: string,
    matches: (event: PrintedEvent) => boolean = () => true,
  ): Promise<PrintedEvent> {
    return await this.#until(`an event "${kind}"`, () => this.events(kind).find(matches));
  }

  /** Resolves when it has printed so many events of a kind. */
  async count(kind: string, count: number): Promise<void> {
    const enough = () => this.events(kind).length >= count || undefined;
    await this.#until(`${count} events "${kind}"`, enough);
  }

  /** Resolves when its stderr has a text that matches. */
  async complaint(pattern: RegExp): Promise<string> {
    return await this.#until(`stderr to match ${pattern}`, () => pattern.exec(this.#stderr)?.[0]);
  }

  /** Resolves when its stdout has a text that matches. */
  async output(pattern: RegExp): Promise<string> {
    return await this.#until(`stdout to match ${pattern}`, () => pattern.exec(this.#stdout)?.[0]);
  }

  /** Resolves when all that it has printed to stdout so far satisfies the test. */
  async prints(test: (stdout: string) => boolean): Promise<void> {
    await this.#until("stdout to look so", () => test(this.#stdout) || undefined);
  }

  /** Types into its stdin. */
  async type(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  /** Ends its stdin. */
  async closeInput(): Promise<void> {
    await this.#stdin.close().catch(() => {}); // It is closed already, from either side.
  }

  /** Sends it a signal; nothing happens if it has ended. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It ended a moment ago.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Waits for its end, and that of whoever else writes to its outputs. */
  async end(): Promise<Ending> {
    await this.#until("its end", () => this.#isOver || undefined);
    return await this.#ended;
  }

  /** Ends it by force if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.kill("SIGKILL");
    await this.#ended;
  }

  async #follow(): Promise<Ending> {
    const [{ code, signal }] = await Promise.all([
      this.#child.status,
      this.#followStdout(),
      readText(this.#child.stderr, (text) => {
        this.#stderr += text;
        this.#wake();
      }),
    ]);
    await this.closeInput();
    this.#isOver = true;
    this.#wake();
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr, events: this.#events };
  }

  async #followStdout(): Promise<void> {
    let rest = "";
    await readText(this.#child.stdout, (text) => {
      this.#stdout += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const event = parseEvent(line);
        if (event !== null) this.#events.push(event);
      }
      this.#wake();
    });
  }

  #wake(): void {
    for (const look of this.#watchers) look();
  }

  /** Looks after everything that is printed, until there is something to be seen. */
  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = find();
      if (found !== undefined) resolve(found);
      else if (this.#isOver) reject(this.#disappointment(`ended without ${what}`));
    };
    const timer = setTimeout(
      () => reject(this.#disappointment(`had no ${what} after ${BOUND_MS} ms`)),
      BOUND_MS,
    );
    this.#watchers.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(look);
    }
  }

  #disappointment(what: string): Error {
    const output = `stdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`;
    return new Error(`${this.#name} ${what}; ${output}`);
  }
}

/** Runs mpcomm to its end, with `stdin` as its input. */
export async function runToEnd(
  args: readonly string[],
  options: StartOptions & { readonly stdin?: string } = {},
): Promise<Ending> {
  await using running = RunningProcess.start(args, options);
  // A process that complains of its arguments doesn't read its input.
  await running.type(options.stdin ?? "").catch(() => {});
  await running.closeInput();
  return await running.end();
}

/** The runs that `compare` or `lab` told of with `--json`. */
export function runsOf({ events }: Pick<Ending, "events">): RunEvent[] {
  return events.filter(({ event }) => event === "run") as unknown as RunEvent[];
}

/** Asserts that a run kept all that its order promises, in all rounds. */
export function assertClean(run: RunEvent | undefined, rounds: number): asserts run is RunEvent {
  assert.ok(run !== undefined, "there is no such run");
  const { lost, duplicated, properties, promised } = run;
  const broken = promised.filter((property: ReportedProperty) => properties[property] !== "holds");
  const story = JSON.stringify(run);
  assert.deepEqual(broken, [], story);
  assert.deepEqual({ rounds: run.rounds, lost, duplicated }, { rounds, lost: 0, duplicated: 0 });
  if (promised.includes("total")) assert.equal(run.roundsOutOfOrder, 0, story);
}

/** Asserts that mpcomm refused with one line of complaint and nothing else. */
export function assertRefused(ending: Ending, code: number, line: string | RegExp): void {
  const { stdout, stderr } = ending;
  assert.equal(stdout, "");
  if (typeof line === "string") assert.equal(stderr, `${line}\n`);
  else {
    assert.match(stderr, line);
    assert.match(stderr, /^[^\n]+\n$/, "one line");
  }
  assert.equal(ending.code, code);
}

/** A text for the environment by which the processes that inherit it are known. */
export class ProcessTag {
  readonly #value = crypto.randomUUID();

  /** The environment to start a process with. */
  get env(): Record<string, string> {
    return { MPCOMM_TEST_TAG: this.#value };
  }

  /** The numbers of the processes with this tag, those that they started included. */
  async processes(): Promise<number[]> {
    // What /proc holds of other processes is closed to Deno programs, these tests among them.
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", 'exec grep -lzs "$0" /proc/[0-9]*/environ', `MPCOMM_TEST_TAG=${this.#value}`],
    }).output();
    const files = new TextDecoder().decode(stdout).split("\n");
    return files.flatMap((file) => Number(/\/(\d+)\//.exec(file)?.[1] ?? NaN) || []);
  }

  /** Resolves when there are exactly so many processes with this tag. */
  async settle(count: number): Promise<void> {
    const end = performance.now() + BOUND_MS;
    for (;;) {
      const found = await this.processes();
      if (found.length === count) return;
      assert.ok(performance.now() < end, `there are ${found.length} processes, not ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) onText(decoder.decode(bytes, { stream: true }));
}

function parseEvent(line: string): PrintedEvent | null {
  try {
    const value = JSON.parse(line);
    return typeof value?.event === "string" ? value : null;
  } catch {
    return null; // Text for people, where the process was started without --json.
  }
}
