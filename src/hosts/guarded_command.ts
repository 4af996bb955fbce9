/**
 * Runs a command while a lock is held, and never for longer than the lock's lease lasts.
 *
 * ```ts
 * import { GuardedCommand } from "./guarded_command.ts";
 *
 * async function runFor(leaseMs: number): Promise<number> {
 *   const command = await GuardedCommand.prepare({ command: "make", args: ["deploy"] });
 *   command.start({ fence: 7, remainingMs: leaseMs });
 *   return (await command.ended).code;
 * }
 * ```
 *
 * The command runs below a guard, which is another process (`guard_process.ts`). The two watch over
 * each other. If this process is killed, the guard ends the command; if this process is stopped, the
 * guard ends it before the lease is over; if the guard is killed or stopped, this process does. When
 * both are killed at once, nobody is left to do it.
 *
 * On a terminal that this process need not share, the command gets the terminal, as from a shell:
 * Ctrl-C goes to it and not to this process. It can't be stopped by Ctrl-Z there: it is continued at
 * once. Elsewhere the command has a session of its own, without a terminal: Ctrl-C goes to this
 * process, which passes it on with {@linkcode GuardedCommand.signal}. A command in the background of
 * a terminal reads nothing.
 *
 * Whatever the command leaves running in its process group is ended with it. What has left the group
 * is ended if it was started by a process of the command that still runs when the end comes; a daemon
 * is not.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { findCommand } from "./find_command.ts";
import { GuardConnection, type GuardPlace } from "./guard_connection.ts";
import { guardDeadline } from "./guard_deadline.ts";
import { GRACE_MS } from "./guard_process.ts";
import { pause } from "./pause.ts";
import { askGroup, groupLives, signalGroup } from "./process_groups.ts";
import { groupsBelow, isInBackground, listProcesses, mayHandOnTerminal } from "./process_table.ts";

/** How often is looked whether processes that were killed are gone. */
const LOOK_MS: Millis = 10;

/** Who was killed is waited for so long at most: it may hang in the system. */
const GONE_MS: Millis = 2000;

/** What a process that was killed exits with. */
const KILLED = { code: 137, signal: "SIGKILL" } as const;

/** A command and its arguments. */
export interface CommandLine {
  /** A path, or a name to be found in PATH. */
  readonly command: string;
  readonly args: readonly string[];
}

/** A grant of the lock. */
export interface CommandGrant {
  /** The fencing number; the command finds it in MPCOMM_FENCE. */
  readonly fence: number;
  /** How long the lease lasts. */
  readonly remainingMs: Millis;
  /** From when that counts, as `performance.now()` has it; now by default. Who computes `remainingMs`
   * from a clock gives the moment at which the clock was read: the process may be stopped for a
   * while in between. */
  readonly countedFrom?: Millis;
}

/** How a command has ended. */
export interface CommandEnd {
  /** Its exit code; 128 + n if signal number n ended it. */
  readonly code: number;
  /** The signal that ended it, or null. */
  readonly signal: string | null;
  /** Why it was ended before it was done: its lease came to its end, or its guard was killed. Null if
   * it has ended by itself, or by a signal from elsewhere. */
  readonly wasEnded: "lease" | "guard" | null;
}

/** A command under a lock. */
export class GuardedCommand {
  readonly #line: CommandLine;
  readonly #path: string;
  readonly #ended = Promise.withResolvers<CommandEnd>();
  /** Signals that came before the command could take them. */
  readonly #signals: Deno.Signal[] = [];
  #guard: GuardConnection | null;
  /** The end of the lease by this process's clock, and its length. */
  #lease: { until: Millis; leaseMs: Millis } | null = null;
  #backup: ReturnType<typeof setTimeout> | undefined;
  #isStarted = false;
  #isRunning = false;
  #isOverdue = false;

  /**
   * Finds the command and does all that takes time, so that it can start at once when the lock is
   * there. Where the command is to have the terminal, its guard can't be there before; then some
   * 50 ms are left for later.
   *
   * @throws {CommandError} if there is no such command, or if it can't be run.
   * @throws {Error} if it can't be guarded, and on Windows.
   */
  static async prepare(line: CommandLine): Promise<GuardedCommand> {
    if (Deno.build.os === "windows") {
      throw new Error("A command under a lock needs process groups: a POSIX system, not Windows");
    }
    const path = await findCommand(line.command);
    const place = await choosePlace();
    const guard = place.takesTerminal ? null : await GuardConnection.open(place);
    return new GuardedCommand(line, path, guard);
  }

  private constructor(line: CommandLine, path: string, guard: GuardConnection | null) {
    this.#line = line;
    this.#path = path;
    this.#guard = guard;
    this.ended.catch(() => {}); // Whoever waits for it hears of it.
  }

  /**
   * Resolves when the command has ended, and with it all that is known to belong to it.
   *
   * Rejects with a {@linkcode CommandError} if it could not be started, and with an `Error` if its
   * guard could not.
   */
  get ended(): Promise<CommandEnd> {
    return this.#ended.promise;
  }

  /** Runs it: the lock is there. */
  start({ fence, remainingMs, countedFrom = performance.now() }: CommandGrant): void {
    if (this.#isStarted) throw new Error("The command was started already");
    this.#isStarted = true;
    this.#setLease(remainingMs, countedFrom);
    this.#run(fence).then(this.#ended.resolve, this.#ended.reject);
  }

  /** The lease goes on for `remainingMs`, counted as in {@linkcode CommandGrant}. */
  extend(remainingMs: Millis, countedFrom: Millis = performance.now()): void {
    if (!this.#isStarted) throw new Error("The command was not started");
    this.#setLease(remainingMs, countedFrom);
    if (this.#isRunning) this.#guard!.send({ type: "extend", ...this.#guardLease() });
  }

  /** Passes a signal on to the command's process group; before the start and after the end nothing
   * happens. */
  signal(signal: Deno.Signal): void {
    if (!this.#isStarted) return;
    if (this.#isRunning) this.#guard!.send({ type: "signal", signal });
    else this.#signals.push(signal);
  }

  /** Lets go of the guard of a command that won't be started. One that runs is ended. */
  async abandon(): Promise<void> {
    await this.#guard?.close();
  }

  #setLease(remainingMs: Millis, countedFrom: Millis): void {
    this.#lease = { until: countedFrom + remainingMs, leaseMs: remainingMs };
    this.#setBackup();
  }

  /** The same in the guard's time. */
  #guardLease(): { until: Millis; leaseMs: Millis } {
    const { until, leaseMs } = this.#lease!;
    return { until: until + this.#guard!.clockOffset, leaseMs };
  }

  #setBackup(): void {
    clearTimeout(this.#backup);
    const { until, leaseMs } = this.#lease!;
    const restMs = guardDeadline(until, leaseMs).backupAt - performance.now();
    this.#backup = setTimeout(() => this.#killLate(), Math.max(0, Math.floor(restMs)));
  }

  async #run(fence: number): Promise<CommandEnd> {
    try {
      const guard = await this.#openGuard();
      this.#guard = guard;
      await guard.askClock();
      guard.send({
        type: "start",
        path: this.#path,
        ...this.#line,
        fence,
        hasTerminal: guard.hasTerminal,
        ...this.#guardLease(),
      });
      this.#isRunning = true;
      for (const signal of this.#signals) guard.send({ type: "signal", signal });
      await guard.untilGone();
      return await this.#endOf(guard);
    } finally {
      this.#isRunning = false;
      clearTimeout(this.#backup);
    }
  }

  /** The guard that is there already, or a new one, on the terminal if that is still to be had. */
  async #openGuard(): Promise<GuardConnection> {
    if (this.#guard !== null && !this.#guard.isGone) return this.#guard;
    const place = await choosePlace();
    const guard = await GuardConnection.open(place) ??
      await GuardConnection.open({ ...place, takesTerminal: false });
    return guard!;
  }

  /** The guard is gone. Makes sure that the command is, too, and says how it has ended. */
  async #endOf(guard: GuardConnection): Promise<CommandEnd> {
    const { end, failure, isEnding } = guard;
    if (end === null && failure === null) await this.#endAll(guard);
    await Promise.race([guard.untilExited(), pause(GONE_MS)]);
    guard.kill();
    if (failure !== null) throw failure;
    await untilGone([guard.group], performance.now() + GONE_MS);
    const { code, signal } = end ?? KILLED;
    if (signal === "SIGINT" && guard.hasTerminal) await interruptOthers();
    if (isEnding || this.#isOverdue) return { code, signal, wasEnded: "lease" };
    return { code, signal, wasEnded: end === null ? "guard" : null };
  }

  /** Does the guard's work when it was killed. */
  async #endAll(guard: GuardConnection): Promise<void> {
    const { until, leaseMs } = this.#lease!;
    const { killAt } = guardDeadline(until, leaseMs);
    const isHasty = guard.isEnding || this.#isOverdue;
    const endAt = isHasty ? 0 : Math.min(killAt, performance.now() + GRACE_MS);
    const groups = await groupsOf(guard);
    for (const group of groups) askGroup(group, "SIGTERM");
    await untilGone(groups, endAt);
    for (const group of groups) signalGroup(group, "SIGKILL");
  }

  /** The lease is nearly over, and the guard has not done anything about it. */
  async #killLate(): Promise<void> {
    this.#isOverdue = true;
    const guard = this.#guard;
    // Where the command does not run yet, the guard won't start it so late.
    if (!this.#isRunning || guard === null) return;
    // The guard dies with it, and takes the knowledge of who belongs to the command with it.
    const groups = await groupsOf(guard);
    for (const group of groups) signalGroup(group, "SIGKILL");
  }
}

/** The process groups that are known to belong to a guard's command. */
async function groupsOf({ group, pid }: GuardConnection): Promise<Set<number>> {
  try {
    return new Set([group, ...pid === null ? [] : groupsBelow(await listProcesses(), pid)]);
  } catch {
    return new Set([group]); // The one that matters most needs no list.
  }
}

/** Waits until nobody lives in these groups, until `endAt` at most. */
async function untilGone(groups: Iterable<number>, endAt: Millis): Promise<void> {
  for (const group of groups) {
    while (performance.now() < endAt && await groupLives(group)) await pause(LOOK_MS);
  }
}

/** Ctrl-C has ended the command. A script that runs mpcomm would have got it too, had the terminal
 * been its own at that moment, and goes on with its next line otherwise. */
async function interruptOthers(): Promise<void> {
  const group = (await listProcesses()).get(Deno.pid)?.group ?? Deno.pid;
  if (group !== Deno.pid) signalGroup(group, "SIGINT");
}

/** Where the guard and the command run, as this process is started now. */
async function choosePlace(): Promise<GuardPlace> {
  const streams = [Deno.stdin, Deno.stdout, Deno.stderr];
  if (!streams.some((stream) => stream.isTerminal())) {
    return { takesTerminal: false, stdin: "inherit" };
  }
  const table = await listProcesses();
  const isDeaf = Deno.stdin.isTerminal() && isInBackground(table, Deno.pid);
  return {
    takesTerminal: mayHandOnTerminal(table, Deno.pid),
    stdin: isDeaf ? "null" : "inherit",
  };
}
