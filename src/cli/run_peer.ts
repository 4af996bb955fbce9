/**
 * What `mpcomm peer` does.
 *
 * @module
 */

import { JournalFile } from "../hosts/journal_file.ts";
import { Registration, type RegistrationState } from "../hosts/manager_client.ts";
import { type PeerEvent, PeerHost } from "../hosts/peer_host.ts";
import { knownRegion, type Topology } from "../hosts/topology.ts";
import { loadTopology } from "../hosts/topology_file.ts";
import { type Address, formatAddress } from "../hosts/address.ts";
import type { PeerOptions } from "./peer_command.ts";
import { catchSignals } from "./signals.ts";
import { stopAtEndOfInput } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { warnIfExposed } from "./warn_if_exposed.ts";

/** Runs a process of the group until it is told to stop; returns the exit code. */
export async function runPeer(options: PeerOptions, terminal: Terminal): Promise<number> {
  using signals = catchSignals({ terminal });
  const topology = await topologyOf(options);
  const log = await logOf(options);
  const replaced = Promise.withResolvers<void>();
  let code = 0;
  const peer = await PeerHost.open({
    listen: options.listen,
    controlPort: options.controlPort ?? options.listen.port,
    topology,
    region: options.region ?? null,
    link: options.link ?? null,
    onEvent: (event) => report(event, log, terminal),
  });
  try {
    const udp = advertised(options, peer.udp);
    const control = { host: udp.host, port: peer.control.port };
    const name = options.name ?? defaultName(peer.udp.port);
    const registration = await Registration.open(
      options.manager,
      { name, udp, control, region: options.region ?? null },
      {
        onState: (state) => {
          reportRegistration(state, terminal);
          if (state.type === "replaced") replaced.resolve();
        },
      },
    );
    try {
      terminal.event({
        event: "listening",
        address: formatAddress(peer.udp),
        control: formatAddress(peer.control),
        name,
      });
      terminal.say(
        `${name} receives at ${formatAddress(peer.udp)} (UDP) and waits for a comparison server ` +
          `at ${formatAddress(peer.control)} (TCP)`,
      );
      warnIfExposed(peer.udp.host, terminal);
      const replacement = replaced.promise.then(() => peer.untilIdle()).then(() => code = 1);
      await Promise.race([signals.untilStopped(), stopAtEndOfInput(), peer.quit, replacement]);
    } finally {
      await registration.close();
    }
  } finally {
    await peer.close();
    await log?.close();
  }
  const malformed = peer.malformedConnections;
  if (malformed > 0) terminal.warn(`${malformed} connections sent what is not understood`);
  const failure = log?.failure ?? null;
  if (failure !== null) terminal.error(`--log: ${failure}`);
  return failure === null ? signals.exitCode(code) : 1;
}

async function topologyOf(options: PeerOptions): Promise<Topology | null> {
  if (options.topology === undefined) return null;
  try {
    const topology = await loadTopology(options.topology);
    if (options.region !== undefined) knownRegion(topology, options.region);
    return topology;
  } catch (error) {
    const option = error instanceof RangeError ? "--region" : "--topology";
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}

async function logOf({ log }: PeerOptions): Promise<JournalFile | null> {
  if (log === undefined) return null;
  try {
    return await JournalFile.open(log);
  } catch (error) {
    throw new UsageError(`--log: ${(error as Error).message}`);
  }
}

/** Where others are told to send. */
function advertised({ advertise }: PeerOptions, udp: Address): Address {
  if (advertise === undefined) return udp;
  return advertise.port === 0 ? { host: advertise.host, port: udp.port } : advertise;
}

function defaultName(port: number): string {
  return `${Deno.hostname().slice(0, 50)}-${port}`;
}

function report(event: PeerEvent, log: JournalFile | null, terminal: Terminal): void {
  switch (event.type) {
    case "started": {
      const { order, process, size } = event;
      terminal.event({ event: "started", order, process, peers: size });
      terminal.say(`Run in the order ${order}, as process ${process} of ${size}`);
      return;
    }
    case "ended": {
      const { complete, journal } = event;
      terminal.event({ event: "ended", complete });
      terminal.say(complete ? completion(event.order) : "The run was cut short");
      if (journal !== null) log?.append(journal);
      else if (log !== null) terminal.warn("the run keeps no log, so --log gets nothing of it");
      return;
    }
    case "refused":
      terminal.warn(`took no part in a run: ${event.reason}`);
      return;
  }
}

/** What can be said when a run has come to its end. */
function completion(order: string): string {
  return order === "none" ? "The run has ended" : "Everything is delivered everywhere";
}

function reportRegistration(state: RegistrationState, terminal: Terminal): void {
  if (state.type === "unreachable") terminal.warn(`${state.reason}; trying again`);
  if (state.type === "replaced") {
    terminal.error(`another process has registered as ${state.by} in this one's place`);
  }
}
