/**
 * What `mpcomm peer` does.
 *
 * @module
 */

import { formatJournal } from "../history/json_lines.ts";
import type { Journal } from "../history/journal.ts";
import { Registration, type RegistrationState } from "../hosts/manager_client.ts";
import { type PeerEvent, PeerHost } from "../hosts/peer_host.ts";
import { knownRegion, type Topology } from "../hosts/topology.ts";
import { loadTopology } from "../hosts/topology_file.ts";
import { type Address, formatAddress } from "../wire/address.ts";
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
  const logs = new LogFile(options.log ?? null, terminal);
  const peer = await PeerHost.open({
    listen: options.listen,
    controlPort: options.controlPort ?? options.listen.port,
    topology,
    region: options.region ?? null,
    link: options.link ?? null,
    onEvent: (event) => report(event, logs, terminal),
  });
  try {
    const udp = advertised(options, peer.udp);
    const control = { host: udp.host, port: peer.control.port };
    const name = options.name ?? defaultName(peer.udp.port);
    const registration = await Registration.open(
      options.manager,
      { name, udp, control, region: options.region ?? null },
      { onState: (state) => reportRegistration(state, terminal) },
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
      await Promise.race([signals.untilStopped(), stopAtEndOfInput(), peer.quit]);
    } finally {
      await registration.close();
    }
  } finally {
    await peer.close();
    await logs.written;
  }
  return logs.failed ? 1 : signals.exitCode(0);
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

/** Where others are told to send. */
function advertised({ advertise }: PeerOptions, udp: Address): Address {
  if (advertise === undefined) return udp;
  return advertise.port === 0 ? { host: advertise.host, port: udp.port } : advertise;
}

function defaultName(port: number): string {
  return `${Deno.hostname().slice(0, 50)}-${port}`;
}

function report(event: PeerEvent, logs: LogFile, terminal: Terminal): void {
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
      terminal.say(complete ? "Everything is delivered everywhere" : "The run was cut short");
      logs.append(journal);
      return;
    }
    case "refused":
      terminal.warn(`took no part in a run: ${event.reason}`);
      return;
  }
}

function reportRegistration(state: RegistrationState, terminal: Terminal): void {
  if (state.type === "unreachable") terminal.warn(`${state.reason}; trying again`);
  if (state.type === "replaced") {
    terminal.warn(`another process has registered as ${state.by} in this one's place`);
  }
}

/** The process's own log, one run after the other. */
class LogFile {
  readonly #path: string | null;
  readonly #terminal: Terminal;

  /** Resolves when everything appended so far is in the file. */
  written: Promise<void> = Promise.resolve();
  /** Could something not be written? */
  failed = false;

  constructor(path: string | null, terminal: Terminal) {
    this.#path = path;
    this.#terminal = terminal;
  }

  append(journal: Journal): void {
    const path = this.#path;
    if (path === null) return;
    this.written = this.written.then(async () => {
      try {
        using file = await Deno.open(path, { append: true, create: true });
        const writer = file.writable.getWriter();
        const encoder = new TextEncoder();
        for (const text of formatJournal(journal)) await writer.write(encoder.encode(text));
        writer.releaseLock();
      } catch (error) {
        this.failed = true;
        this.#terminal.error(`--log: Cannot write ${path}: ${(error as Error).message}`);
      }
    });
  }
}
