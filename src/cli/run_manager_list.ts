/**
 * What `mpcomm manager list` does.
 *
 * @module
 */

import { listMembers } from "../hosts/manager_client.ts";
import { formatTable } from "../report/table.ts";
import { formatAddress } from "../hosts/address.ts";
import type { ManagerListOptions } from "./manager_list_command.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the group; returns the exit code. */
export async function runManagerList(
  options: ManagerListOptions,
  terminal: Terminal,
): Promise<number> {
  const members = await listMembers(options.manager);
  for (const { name, udp, control, region, ageMs } of members) {
    terminal.event({
      event: "member",
      name,
      address: formatAddress(udp),
      control: formatAddress(control),
      region,
      ageMs,
    });
  }
  if (members.length === 0) terminal.result("No process is registered");
  else {
    terminal.result(formatTable(
      ["name", "address", "control", "region", "registered"],
      members.map(({ name, udp, control, region, ageMs }) => [
        name,
        formatAddress(udp),
        formatAddress(control),
        region ?? "-",
        `${Math.round(ageMs / 1000)} s ago`,
      ]),
      { styleHeader: (text) => terminal.bold(text) },
    ));
  }
  return 0;
}
