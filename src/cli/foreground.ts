/**
 * Whether this process may read from its terminal.
 *
 * @module
 */

import { isInBackground as isOneInBackground, listProcesses } from "../hosts/process_table.ts";

/** Whether another process group is using the terminal: this process was started with `&`. Who reads
 * from it then is stopped. False where that can't be found out. */
export async function isInBackground(): Promise<boolean> {
  try {
    return isOneInBackground(await listProcesses(), Deno.pid);
  } catch {
    return false; // There is neither /proc nor ps.
  }
}
