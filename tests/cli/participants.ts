/**
 * A coordinator and participants that run beside a test.
 *
 * @module
 */

import { addressOf } from "./group.ts";
import { type PrintedEvent, RunningProcess, runToEnd, type StartOptions } from "./processes.ts";

/** A participant's process, which is told what to do through its stdin. */
export class ParticipantProcess {
  readonly process: RunningProcess;

  constructor(process: RunningProcess) {
    this.process = process;
  }

  /** Types a command, and returns the answer: `ok` or `error`. */
  async do(line: string): Promise<PrintedEvent> {
    const before = ["ok", "error"].map((kind) => this.process.events(kind).length);
    await this.process.type(`${line}\n`);
    const next = () =>
      ["ok", "error"].flatMap((kind, i) => this.process.events(kind).slice(before[i]))[0];
    await this.process.prints(() => next() !== undefined);
    return next()!;
  }

  /** Resolves when a message with this text is in its log. */
  async has(text: string): Promise<void> {
    await this.process.event("message", (event) => event.text === text);
  }

  /** What it has told of. */
  get texts(): unknown[] {
    return this.process.events("message").map(({ text }) => text);
  }
}

/** A coordinator on a port that stays, and a folder for logs. */
export class PersistentGroup implements AsyncDisposable {
  readonly #running: AsyncDisposableStack;
  readonly #args: readonly string[];
  readonly folder: string;
  /** The coordinator's address, the same after a restart. */
  readonly address: string;
  coordinator: RunningProcess;

  /** Starts a coordinator with this td, in seconds. */
  static async start(td = "60"): Promise<PersistentGroup> {
    await using running = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-persistent-" });
    running.defer(() => Deno.remove(folder, { recursive: true }));
    const args = ["--td", td, "--store", `${folder}/store.db`, "--json"];
    const coordinator = running.use(
      RunningProcess.start(["coordinator", "--listen", "127.0.0.1:0", ...args]),
    );
    const address = await addressOf(coordinator);
    return new PersistentGroup(running.move(), args, folder, address, coordinator);
  }

  private constructor(
    running: AsyncDisposableStack,
    args: readonly string[],
    folder: string,
    address: string,
    coordinator: RunningProcess,
  ) {
    this.#running = running;
    this.#args = args;
    this.folder = folder;
    this.address = address;
    this.coordinator = coordinator;
  }

  /** Ends the coordinator by force, and starts it again. */
  async restart(): Promise<void> {
    this.coordinator.kill("SIGKILL");
    await this.coordinator.end();
    this.coordinator = this.#running.use(
      RunningProcess.start(["coordinator", "--listen", this.address, ...this.#args]),
    );
    await this.coordinator.event("listening");
  }

  /** The words that make a participant of `id`. */
  words(id: string, log = id): string[] {
    const path = this.log(log);
    return ["participant", "--id", id, "--log", path, "--coordinator", this.address];
  }

  /** Starts a participant, with `--json`. */
  participant(id: string, args: readonly string[] = [], options?: StartOptions) {
    return this.run([...this.words(id), "--json", ...args], options);
  }

  /** Starts a participant with these words. */
  run(words: readonly string[], options: StartOptions = {}): ParticipantProcess {
    return new ParticipantProcess(this.#running.use(RunningProcess.start(words, options)));
  }

  /** Where the log with this name is. */
  log(name: string): string {
    return `${this.folder}/${name}.log`;
  }

  /** The messages in a log, remarks left out: number, sender and text. */
  async logged(name: string): Promise<string[][]> {
    const lines = (await Deno.readTextFile(this.log(name))).split("\n");
    if (lines.pop() !== "") throw new Error("The last line of the log is torn");
    return lines.filter((line) => !line.startsWith("#")).map((line) => {
      const [seq, , sender, text] = line.split("\t");
      return [seq!, sender!, text!];
    });
  }

  /** The members, as the coordinator sees them. */
  async members(): Promise<Readonly<Record<string, { state: string; address: string }>>> {
    const status = ["coordinator", "status", "--coordinator", this.address, "--json"];
    const { events } = await runToEnd(status);
    const members = events[0]?.members as { id: string; state: string; address: string }[];
    return Object.fromEntries(members.map((member) => [member.id, member]));
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}
