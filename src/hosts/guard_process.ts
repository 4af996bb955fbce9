/**
 * The guard of a command that runs under a lock: a process of its own that starts the command and
 * ends it before the lease is over, whatever becomes of mpcomm.
 *
 * It is mpcomm itself, started with a hidden word, so there is nothing to install; it is there after
 * some 50 ms, while the lock is still waited for. A shell or `setsid` would start sooner. But a shell
 * knows no steady clock, needs a new process for each extension, and can't tell a command that died
 * of a signal from one that exits with 128 and more.
 *
 * The guard leads the command's process group: so the group is known before there is a command, and
 * one kill ends all of it at one moment, the guard included. What others send to the group reaches
 * the guard too; it ignores all that it may.
 *
 * A command may make groups of its own; an interactive shell does. They are ended too, as far as the
 * chain of parents leads to them. Who leaves it behind on purpose, as a daemon does, is not found.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { startError } from "./find_command.ts";
import { GuardChannel } from "./guard_channel.ts";
import { commandEnvironment } from "./guard_environment.ts";
import { type GuardDeadline, guardDeadline } from "./guard_deadline.ts";
import type { OrderMessage, ReportMessage, StartMessage } from "./guard_messages.ts";
import { pause } from "./pause.ts";
import { askGroup, groupExists, groupLives, signalGroup } from "./process_groups.ts";
import { groupsBelow, isTerminalTaken, listProcesses, type ProcessTable } from "./process_table.ts";

/** Who is asked to end has so long to do it, unless the lease ends before. */
export const GRACE_MS: Millis = 500;

/** How often is looked for new processes while all are being ended. */
const LOOK_MS: Millis = 40;

/** After mpcomm's death, the shell that waited for it has so long to take the terminal. */
const TAKE_MS: Millis = 300;

/** A command on a terminal that was stopped is continued after this time: it stops a little later
 * than the guard hears of it. */
const CONTINUE_MS: Millis = 50;

/** Signals that end a process that doesn't expect them, and those that stop it. */
const CAUGHT: readonly Deno.Signal[] = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const,
  ...["SIGPIPE", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGXCPU", "SIGXFSZ"] as const,
  ...["SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGCHLD"] as const,
];

/** Guards the command of the mpcomm that listens at the socket; returns the exit code. */
export async function runGuard(socket: string): Promise<number> {
  const guard = new Guard();
  try {
    await guard.run(await Deno.connect({ transport: "unix", path: socket }));
    return 0;
  } catch {
    return 1; // There is no mpcomm any more that could be told, and no command yet.
  }
}

class Guard {
  #channel: GuardChannel<ReportMessage, OrderMessage> | null = null;
  #child: Deno.ChildProcess | null = null;
  #deadline: GuardDeadline | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasTerminal = false;
  #isEnding = false;
  #isContinuing = false;
  #isAlone = false;
  /** Keys that were typed when the command wasn't there yet. */
  readonly #typed: Deno.Signal[] = [];
  /** Groups besides the guard's own that were asked to end. */
  readonly #asked = new Set<number>();
  readonly #over = Promise.withResolvers<void>();
  /** On a terminal: the shell that gives it back when the guard has ended. */
  readonly #launcher = Deno.ppid;

  constructor() {
    for (const signal of CAUGHT) Deno.addSignalListener(signal, () => this.#hear(signal));
  }

  /** Guards until nothing is left to guard. */
  async run(connection: Deno.Conn): Promise<void> {
    this.#channel = new GuardChannel(connection);
    const leads = groupExists(Deno.pid);
    this.#report({ type: "ready", group: leads ? Deno.pid : null, clock: performance.now() });
    void this.#obey();
    await this.#over.promise;
    // mpcomm may be stopped and read nothing; nobody waits for it.
    await Promise.race([this.#channel.flush(), pause(GRACE_MS)]);
  }

  async #obey(): Promise<void> {
    for await (const order of this.#channel!.messages()) this.#handle(order);
    this.#isAlone = true; // mpcomm is gone.
    if (this.#child === null) this.#over.resolve();
    else this.#end();
  }

  #handle(order: OrderMessage): void {
    switch (order.type) {
      case "start":
        return this.#start(order);
      case "extend":
        this.#setDeadline(order.until, order.leaseMs);
        return this.#report({ type: "clock", clock: performance.now() });
      case "signal":
        return this.#pass(order.signal);
      case "clock":
        return this.#report({ type: "clock", clock: performance.now() });
    }
  }

  #start({ path, command, args, fence, until, leaseMs, hasTerminal }: StartMessage): void {
    this.#hasTerminal = hasTerminal;
    this.#setDeadline(until, leaseMs);
    if (this.#isEnding) return this.#over.resolve(); // The lease was over before it could begin.
    try {
      this.#child = new Deno.Command(path, {
        args: [...args],
        env: commandEnvironment(Deno.env.toObject(), fence),
        clearEnv: true,
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      const { message, exitCode } = startError(command, error);
      this.#report({ type: "failed", reason: message, exitCode });
      return this.#over.resolve();
    }
    this.#report({ type: "started", pid: this.#child.pid });
    if (hasTerminal) { for (const signal of this.#typed) signalGroup(Deno.pid, signal); }
    void this.#child.status.then((status) => this.#endRest(status));
  }

  #setDeadline(until: Millis, leaseMs: Millis): void {
    this.#deadline = guardDeadline(until, leaseMs);
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#isEnding) return; // It is too late for more.
    const restMs = this.#deadline!.termAt - performance.now();
    if (restMs > 0) {
      this.#timer = setTimeout(() => this.#watch(), Math.ceil(restMs));
      return;
    }
    this.#report({ type: "ending" });
    this.#end();
  }

  /** Ends all processes of the command: SIGTERM, and SIGKILL to who is still there then. */
  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#child === null) return; // There is none, and there will be none.
    const now = performance.now();
    const killAt = Math.min(now + GRACE_MS, this.#deadline!.killAt);
    setTimeout(() => this.#kill(), Math.max(0, Math.floor(killAt - now)));
    void this.#ask();
  }

  /** Asks the guard's group to end, and the groups that the command has made, and goes on with those
   * that it makes now. The first look comes first: who was started by somebody who has ended can't be
   * found any more. */
  async #ask(): Promise<void> {
    let groups = await Promise.race([this.#otherGroups(), pause(this.#firstLookMs)]);
    askGroup(Deno.pid, "SIGTERM");
    for (;;) {
      for (const group of groups ?? []) {
        if (this.#asked.has(group)) continue;
        this.#asked.add(group);
        askGroup(group, "SIGTERM");
      }
      await pause(LOOK_MS);
      groups = await this.#otherGroups();
    }
  }

  /** A busy machine takes long to list its processes: half of the time that is left is for that. */
  get #firstLookMs(): Millis {
    const leftMs = Math.min(GRACE_MS, this.#deadline!.killAt - performance.now());
    return Math.max(LOOK_MS, leftMs / 2);
  }

  /** The groups besides the guard's own in which the command's processes are. */
  async #otherGroups(): Promise<Set<number>> {
    try {
      return this.#otherGroupsIn(await listProcesses());
    } catch {
      return new Set(); // The guard's own group, which matters most, needs no list.
    }
  }

  #otherGroupsIn(table: ProcessTable): Set<number> {
    const groups = groupsBelow(table, this.#child!.pid);
    groups.delete(Deno.pid);
    return groups;
  }

  async #kill(): Promise<void> {
    const table = await Promise.race([listProcesses().catch(() => {}), pause(LOOK_MS)]);
    if (table !== undefined) {
      this.#leaveTerminal(table);
      for (const group of this.#otherGroupsIn(table)) this.#asked.add(group);
    }
    for (const group of this.#asked) signalGroup(group, "SIGKILL");
    signalGroup(Deno.pid, "SIGKILL"); // The last thing that this process does.
  }

  /** Keeps the launcher from giving the terminal back where it is somebody else's already: a shell
   * takes it when mpcomm was killed or stopped. Returns whether it is. */
  #leaveTerminal(table: ProcessTable): boolean {
    if (!isTerminalTaken(table, Deno.pid, this.#launcher)) return false;
    if (table.get(Deno.pid)?.parent === this.#launcher) Deno.kill(this.#launcher, "SIGKILL");
    return true;
  }

  /** A shell that waited for mpcomm takes the terminal a moment after mpcomm's death; a script never
   * does, and needs the launcher. */
  async #untilTerminalIsLeft(): Promise<void> {
    const endAt = performance.now() + TAKE_MS;
    while (!this.#leaveTerminal(await listProcesses())) {
      if (!this.#isAlone || performance.now() >= endAt) return;
      await pause(LOOK_MS);
    }
  }

  /** The command has ended. What it has left behind in its group must not go on without the lock. */
  async #endRest({ code, signal }: Deno.CommandStatus): Promise<void> {
    this.#report({ type: "ended", code, signal });
    while (await this.#restLives()) {
      this.#end();
      await pause(LOOK_MS);
    }
    if (this.#hasTerminal) await this.#untilTerminalIsLeft().catch(() => {}); // A list was not had.
    this.#over.resolve();
  }

  async #restLives(): Promise<boolean> {
    for (const group of this.#asked) if (await groupLives(group)) return true;
    return await groupLives(Deno.pid, Deno.pid);
  }

  /** Passes a signal on, also where the command has made a group of its own for itself. */
  #pass(signal: Deno.Signal): void {
    if (this.#child === null) return;
    askGroup(Deno.pid, signal);
    const { pid } = this.#child;
    void listProcesses().then((table) => {
      const group = table.get(pid)?.group ?? Deno.pid;
      if (group !== Deno.pid) askGroup(group, signal);
    }).catch(() => {}); // Then it is the guard's group that has it, and that must do.
  }

  /** Something has come that was meant for the command, or tells of it. */
  #hear(signal: Deno.Signal): void {
    if (this.#child === null) {
      if (signal === "SIGINT" || signal === "SIGQUIT") this.#typed.push(signal);
      return;
    }
    const mayHaveStopped = signal === "SIGTSTP" || signal === "SIGCHLD";
    if (!mayHaveStopped || !this.#hasTerminal || this.#isContinuing) return;
    // Who types Ctrl-Z would lose the lock, and with it what is not saved: nobody could get the
    // shell back without stopping mpcomm, which must not stop as long as it has the lock.
    this.#isContinuing = true;
    setTimeout(() => {
      this.#isContinuing = false;
      signalGroup(Deno.pid, "SIGCONT");
    }, CONTINUE_MS);
  }

  #report(message: ReportMessage): void {
    this.#channel!.send(message);
  }
}
