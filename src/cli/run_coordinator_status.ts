/**
 * What `mpcomm coordinator status` does.
 *
 * @module
 */

import { CoordinatorClient } from "../hosts/coordinator_client.ts";
import { reportStatus } from "./coordinator_story.ts";
import type { CoordinatorStatusOptions } from "./coordinator_status_command.ts";
import type { Terminal } from "./terminal.ts";

/** Who doesn't answer for so long is not there. */
const PATIENCE_MS = 3000;

/** Prints the status; returns the exit code. */
export async function runCoordinatorStatus(
  { coordinator }: CoordinatorStatusOptions,
  terminal: Terminal,
): Promise<number> {
  const status = await new CoordinatorClient(coordinator).status({ patienceMs: PATIENCE_MS });
  reportStatus(status, terminal);
  return 0;
}
