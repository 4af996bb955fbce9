/**
 * mpcomm's end of a guard: starts it, tells it what to do, and keeps what it reports.
 *
 * @module
 */

import { join } from "node:path";
import type { Millis } from "../protocols/process.ts";
import { CommandError } from "./find_command.ts";
import { GuardChannel } from "./guard_channel.ts";
import type { EndedMessage, OrderMessage, ReadyMessage, ReportMessage } from "./guard_messages.ts";
import { guardWords } from "./guard_word.ts";
import { selfCommand } from "./self_command.ts";

/** A guard that isn't there after this time won't come. */
const START_MS: Millis = 30_000;

/** Deno can't hand a terminal to another process group. A shell with job control can, and does so for
 * what it runs in the foreground; when that has ended, the shell takes the terminal back for the
 * group of mpcomm. It says nothing itself, and outlives what is sent to that group. Bash looks for
 * the terminal at its stderr as it starts, dash at /dev/tty. */
const ON_TERMINAL = `exec 3>&2 2>/dev/tty; exec /bin/sh -mc '
  trap "" HUP INT QUIT TERM; exec 2>/dev/null; (exec "$@" 2>&3 3>&-); exit 0
' sh "$@"`;

/** Where a guard and its command run. */
export interface GuardPlace {
  /** Whether their process group gets this process's terminal. Otherwise they get a session of their
   * own, and no key of the terminal reaches them. */
  readonly takesTerminal: boolean;
  /** Where they read from: where this process does, or nowhere. */
  readonly stdin: "inherit" | "null";
}

/** A guard that runs. */
export class GuardConnection {
  readonly #process: Deno.ChildProcess;
  readonly #channel: GuardChannel<OrderMessage, ReportMessage>;
  readonly #messages: AsyncGenerator<ReportMessage>;
  readonly #clockHeard: (() => void)[] = [];
  #group = 0;
  #clockOffset: Millis = -Infinity;
  #pid: number | null = null;
  #failure: CommandError | null = null;
  #end: EndedMessage | null = null;
  #isEnding = false;
  #isGone = false;
  #gone: Promise<void> = Promise.resolve();

  /** Whether the guard and its command have the terminal. */
  readonly hasTerminal: boolean;

  /**
   * Starts a guard and waits for it: some 50 ms.
   *
   * @returns Null if it should have taken the terminal and could not.
   * @throws {Error} if it doesn't come.
   */
  static async open(place: GuardPlace): Promise<GuardConnection | null> {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-" });
    try {
      const path = join(folder, "guard");
      using listener = Deno.listen({ transport: "unix", path });
      const child = startProcess(path, place);
      const connection = await accept(listener, child);
      const guard = new GuardConnection(child, connection, place);
      if (await guard.#meet()) return guard;
      await guard.close();
      return null;
    } catch (error) {
      if (place.takesTerminal) return null; // The shell has not found the terminal.
      throw error;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  private constructor(child: Deno.ChildProcess, connection: Deno.Conn, place: GuardPlace) {
    this.#process = child;
    this.#channel = new GuardChannel(connection);
    this.#messages = this.#channel.messages();
    this.hasTerminal = place.takesTerminal;
  }

  /** The process group of the guard and of the command. */
  get group(): number {
    return this.#group;
  }

  /** What has to be added to a time of this process's clock to have that of the guard's, or a little
   * less. */
  get clockOffset(): Millis {
    return this.#clockOffset;
  }

  /** The command's number, once it was started. */
  get pid(): number | null {
    return this.#pid;
  }

  /** Why the command could not be started; null if it could. */
  get failure(): CommandError | null {
    return this.#failure;
  }

  /** How the command has ended; null as long as it hasn't, or nobody knows. */
  get end(): EndedMessage | null {
    return this.#end;
  }

  /** Whether the guard has ended the command because of its lease. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Whether nothing more will be reported. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Resolves when nothing more will be reported. */
  async untilGone(): Promise<void> {
    await this.#gone;
  }

  /** Resolves when the guard's process has ended, and the terminal is with this process's group. */
  async untilExited(): Promise<void> {
    await this.#process.status;
  }

  /** Says something to the guard. */
  send(order: OrderMessage): void {
    this.#channel.send(order);
  }

  /** Looks at the guard's clock once more. */
  async askClock(): Promise<void> {
    const heard = new Promise<void>((resolve) => this.#clockHeard.push(resolve));
    this.send({ type: "clock" });
    await Promise.race([heard, this.#gone]);
  }

  /** Lets go of the guard, which ends the command if that runs. */
  async close(): Promise<void> {
    this.#channel.close();
    await this.untilExited();
  }

  /** Kills what stands between this process and the guard, or the guard itself. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  /** Hears the guard's first words; returns whether it is where it should be. */
  async #meet(): Promise<boolean> {
    const first = await this.#messages.next();
    if (first.done) throw new Error("The guard of the command has ended at once");
    const { group, clock } = first.value as ReadyMessage;
    this.#hearClock(clock);
    this.#group = group ?? 0;
    this.#gone = this.#listen();
    return group !== null;
  }

  async #listen(): Promise<void> {
    for await (const message of this.#messages) this.#hear(message);
    this.#isGone = true;
  }

  #hear(message: ReportMessage): void {
    switch (message.type) {
      case "ready":
        return; // That was the first.
      case "clock":
        return this.#hearClock(message.clock);
      case "started":
        this.#pid = message.pid;
        return;
      case "failed":
        this.#failure = new CommandError(message.reason, message.exitCode);
        return;
      case "ending":
        this.#isEnding = true;
        return;
      case "ended":
        this.#end = message;
        return;
    }
  }

  /** Its clock has shown this some time ago: the difference is at least this large. */
  #hearClock(clock: Millis): void {
    this.#clockOffset = Math.max(this.#clockOffset, clock - performance.now());
    for (const resolve of this.#clockHeard.splice(0)) resolve();
  }
}

function startProcess(socket: string, { takesTerminal, stdin }: GuardPlace): Deno.ChildProcess {
  const { command, args } = selfCommand(guardWords(socket));
  const streams = { stdin, stdout: "inherit", stderr: "inherit" } as const;
  if (!takesTerminal) {
    return new Deno.Command(command, { args, ...streams, detached: true }).spawn();
  }
  const words = ["-c", ON_TERMINAL, "sh", command, ...args];
  return new Deno.Command("/bin/sh", { args: words, ...streams }).spawn();
}

async function accept(listener: Deno.UnixListener, child: Deno.ChildProcess): Promise<Deno.Conn> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    tooLate.reject(new Error("The guard of the command doesn't start"));
  }, START_MS);
  const ended = child.status.then(({ code }) => {
    throw new Error(`The guard of the command has ended at once, with code ${code}`);
  });
  try {
    return await Promise.race([listener.accept(), ended, tooLate.promise]);
  } finally {
    clearTimeout(timer);
    ended.catch(() => {}); // From now on its end is nothing special.
  }
}
