/**
 * The processes of this machine: who started whom, and who has the terminal.
 *
 * Deno lets nobody read /proc who may not do everything; `cat` may. Elsewhere `ps` has the same
 * numbers, and POSIX says how to ask for them.
 *
 * @module
 */

/** A process of this machine, as it was a moment ago. */
export interface ProcessRow {
  readonly pid: number;
  /** Who started it, or who took it over when that one ended. */
  readonly parent: number;
  /** Its process group. */
  readonly group: number;
  /** The group that has its terminal; 0 or less if it has no terminal. */
  readonly terminalGroup: number;
  /** Whether it has ended, and only its exit code is left. */
  readonly isZombie: boolean;
}

/** The processes by number. */
export type ProcessTable = ReadonlyMap<number, ProcessRow>;

/** Some of them may end while they are listed; that is no failure. */
const LIST = "if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat; " +
  "else ps -A -o pid= -o stat= -o ppid= -o pgid= -o tpgid=; fi";

/** pid (name) state ppid pgrp session tty tpgid ...; the name may have spaces and brackets in it, and
 * line breaks. */
const STAT = /^(\d+) \(.{0,64}?\) (\S) (\d+) (\d+) -?\d+ -?\d+ (-?\d+) [^\n]*$/gms;

const PS = /^ *(\d+) +(\S)\S* +(\d+) +(\d+) +(-?\d+) *$/gm;

/**
 * Lists all processes. It takes some milliseconds. What lists them is not of this process's group.
 *
 * @throws {Error} if neither /proc nor `ps` is there.
 */
export async function listProcesses(): Promise<ProcessTable> {
  // Spawned first: Command.output() would not detach it.
  const lister = new Deno.Command("/bin/sh", {
    args: ["-c", LIST],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    detached: true,
  }).spawn();
  const { stdout } = await lister.output();
  const table = parseProcesses(new TextDecoder().decode(stdout));
  if (!table.has(Deno.pid)) throw new Error("Can't list this machine's processes");
  return table;
}

/** Reads what /proc or `ps` says; what isn't understood is left out. */
export function parseProcesses(text: string): ProcessTable {
  const table = new Map<number, ProcessRow>();
  const format = /^\d+ \(/.test(text) ? STAT : PS;
  for (const [, pid, state, parent, group, terminalGroup] of text.matchAll(format)) {
    table.set(Number(pid), {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      terminalGroup: Number(terminalGroup),
      isZombie: state === "Z",
    });
  }
  return table;
}

/** The groups of a process and of all that it and its children have started, as far as the chain of
 * parents isn't broken. */
export function groupsBelow(table: ProcessTable, root: number): Set<number> {
  const groups = new Set<number>();
  for (const { pid, group } of table.values()) {
    if (group > 1 && isBelow(table, pid, root)) groups.add(group);
  }
  return groups;
}

/** Whether `pid` is `root` or was started by it or by its children. */
export function isBelow(table: ProcessTable, pid: number, root: number): boolean {
  // A table that was taken while processes came and went might go round in circles.
  for (let steps = 0, at = pid; at > 0 && steps <= table.size; steps++) {
    if (at === root) return true;
    at = table.get(at)?.parent ?? 0;
  }
  return false;
}

/** Whether a process may hand the terminal to a process group that it starts: its own group has the
 * terminal, and nobody else in it may want it. Who waits for the process, like a script, doesn't;
 * who reads from it or writes to it, like a pager, may. */
export function mayHandOnTerminal(table: ProcessTable, self: number): boolean {
  const own = table.get(self);
  if (own === undefined || own.terminalGroup !== own.group) return false;
  return table.values().every(({ pid, group }) =>
    group !== own.group || isBelow(table, self, pid) || isBelow(table, pid, self)
  );
}

/** Whether a process has a terminal that another process group is using: it was started with `&`. */
export function isInBackground(table: ProcessTable, self: number): boolean {
  const own = table.get(self);
  return own !== undefined && own.terminalGroup > 0 && own.terminalGroup !== own.group;
}

/** Whether the terminal of a process is with somebody who was not started by `root` or below it. */
export function isTerminalTaken(table: ProcessTable, self: number, root: number): boolean {
  const terminalGroup = table.get(self)?.terminalGroup ?? 0;
  return terminalGroup > 0 &&
    table.values().some(({ pid, group, isZombie }) =>
      group === terminalGroup && !isZombie && !isBelow(table, pid, root)
    );
}
