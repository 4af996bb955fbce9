/**
 * What `mpcomm manager` does.
 *
 * @module
 */

import { ManagerServer } from "../hosts/manager_server.ts";
import { formatAddress } from "../hosts/address.ts";
import type { ManagerOptions } from "./manager_command.ts";
import { catchSignals } from "./signals.ts";
import { stopAtEndOfInput } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** Runs the manager until a signal stops it; returns the exit code. */
export async function runManager(options: ManagerOptions, terminal: Terminal): Promise<number> {
  using signals = catchSignals({ terminal });
  const manager = await ManagerServer.listen(options.listen, {
    onChange: ({ type, member: { name, udp } }) => {
      terminal.event({ event: "member", change: type, name, address: formatAddress(udp) });
      terminal.say(`${name} (${formatAddress(udp)}) ${CHANGES[type]}`);
    },
  });
  try {
    const address = formatAddress(manager.address);
    terminal.event({ event: "listening", address });
    terminal.say(`Group manager at ${address}; Ctrl-C stops it`);
    warnIfExposed(manager.address.host, terminal);
    await Promise.race([signals.untilStopped(), stopAtEndOfInput()]);
  } finally {
    await manager.close();
  }
  const { malformed } = manager.counters;
  if (malformed > 0) terminal.warn(`${malformed} connections sent what is not understood`);
  return signals.exitCode(0);
}

const CHANGES = {
  joined: "joined",
  left: "left",
  expired: "was not heard of any more",
  replaced: "was replaced",
} as const;
