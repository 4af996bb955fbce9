/**
 * Signals to process groups.
 *
 * @module
 */

import process from "node:process";
import { listProcesses } from "./process_table.ts";

/** Signals a process group. Nothing happens if nobody is left in it, or nobody who may be signalled. */
export function signalGroup(group: number, signal: Deno.Signal): void {
  // 0 and 1 would mean this process's own group and everybody.
  if (group <= 1) return;
  try {
    Deno.kill(-group, signal);
  } catch {
    // They have ended already, or belong to another user.
  }
}

/** Asks a process group to end. Who is stopped is continued: it could not hear it otherwise. */
export function askGroup(group: number, signal: Deno.Signal): void {
  signalGroup(group, signal);
  signalGroup(group, "SIGCONT");
}

/** Whether anybody is left in a process group, dead or alive. */
export function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

/** Whether anybody is alive in a process group, but for one. Where that can't be found out, it is
 * taken for yes. */
export async function groupLives(group: number, except = 0): Promise<boolean> {
  if (!groupExists(group)) return false;
  try {
    const table = await listProcesses();
    return table.values().some((row) => row.group === group && row.pid !== except && !row.isZombie);
  } catch {
    return true;
  }
}
