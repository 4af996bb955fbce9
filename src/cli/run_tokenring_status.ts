/**
 * What `mpcomm tokenring ... status` does: it asks the node that runs.
 *
 * @module
 */

import { RingClient } from "../hosts/ring_client.ts";
import { identifyRing } from "../hosts/ring_identity.ts";
import { loadMachines, placeOf } from "./ring_machines.ts";
import type { Terminal } from "./terminal.ts";
import type { TokenringOptions } from "./tokenring_command.ts";
import { describeStatus } from "./tokenring_output.ts";

/** Prints how the node is; returns the exit code. */
export async function runTokenringStatus(
  { machines: path, name, lease }: TokenringOptions,
  terminal: Terminal,
): Promise<number> {
  const machines = await loadMachines(path);
  const { address } = machines[placeOf(name!, machines, "--name", path)]!;
  const { group } = await identifyRing(machines, lease);
  const client = await RingClient.connect({ node: name!, address, group, leaseMs: lease });
  try {
    const status = await client.status();
    terminal.event({ event: "status", ...status });
    terminal.result(describeStatus(status, null));
  } finally {
    client.close();
  }
  return 0;
}
