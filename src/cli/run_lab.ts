/**
 * What `mpcomm lab` does: a manager, the processes of a group and a comparison server, all on this
 * machine and each a process of its own.
 *
 * @module
 */

import { LabProcesses } from "../hosts/lab_processes.ts";
import { formatLinkOverride, type LinkSpec } from "../hosts/link_spec.ts";
import { regionOf, type Topology } from "../hosts/topology.ts";
import { loadTopology } from "../hosts/topology_file.ts";
import type { LabOptions } from "./lab_command.ts";
import { refuseUnwritable } from "./refuse_unwritable.ts";
import { TITLE_VARIABLE } from "./title.ts";
import { catchSignals } from "./signals.ts";
import { LAB_VARIABLE } from "./stop_at_end_of_input.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { formatInterval } from "./values/duration.ts";

/** Runs the experiment; returns the exit code. */
export async function runLab(options: LabOptions, terminal: Terminal): Promise<number> {
  const topology = await topologyOf(options);
  if (options.out !== undefined) await refuseUnwritable(options.out);
  const processes = new LabProcesses({ [LAB_VARIABLE]: "1", [TITLE_VARIABLE]: "mpcomm lab" });
  using signals = catchSignals({ terminal, onSecond: () => processes.kill() });
  signals.stop.addEventListener("abort", () => terminal.say("Stopping"), { once: true });
  try {
    terminal.say(introduce(options, topology));
    const manager = await processes.startServer(["manager", "--listen", "127.0.0.1:0"]);
    await startPeers(options, manager, processes, terminal);
    if (signals.stop.aborted) return signals.exitCode(0);
    const args = compareArgs(options, manager, terminal);
    // When a process dies, the comparison server names it and judges the rest.
    return signals.exitCode(await processes.runToEnd(args, signals.stop));
  } finally {
    await processes.end();
  }
}

async function topologyOf({ topology }: LabOptions): Promise<Topology> {
  try {
    return await loadTopology(topology);
  } catch (error) {
    throw new UsageError(`--topology: ${(error as Error).message}`);
  }
}

async function startPeers(
  options: LabOptions,
  manager: string,
  processes: LabProcesses,
  terminal: Terminal,
): Promise<void> {
  const link = linkOf(options);
  let started = 0;
  await Promise.all(Array.from({ length: options.peers }, async (_, p) => {
    await processes.startServer([
      "peer",
      ...["--manager", manager, "--name", `p${p}`, "--topology", options.topology],
      ...(link === null ? [] : ["--link", link]),
    ]);
    terminal.progress(`Starting processes: ${++started} of ${options.peers}`);
  }));
  terminal.progress("");
}

/** What is set for all links, as `--link` takes it; null for nothing. */
function linkOf({ link, loss }: Pick<LabOptions, "link" | "loss">): string | null {
  const override: Partial<LinkSpec> = {
    ...link,
    ...(loss === undefined ? {} : { lossRate: loss }),
  };
  if (Object.keys(override).length === 0) return null;
  return formatLinkOverride(override);
}

/** What the comparison server is told; it prints the results itself. */
function compareArgs(options: LabOptions, manager: string, terminal: Terminal): string[] {
  const { interval, outstanding, senders, seed, log, out } = options;
  return [
    ...["compare", "--manager", manager, "--peers", String(options.peers)],
    ...["--messages", String(options.messages), "--order", options.order.join(",")],
    ...["--interval", formatInterval(interval)],
    ...["--payload", String(options.payloadBytes), "--timeout", `${options.timeoutMs}ms`],
    ...(outstanding === undefined ? [] : ["--outstanding", String(outstanding)]),
    ...(senders === undefined ? [] : ["--senders", String(senders)]),
    ...(seed === undefined ? [] : ["--seed", String(seed)]),
    ...(log === "full" ? [] : ["--log", log]),
    ...(out === undefined ? [] : ["--out", out]),
    ...(terminal.json ? ["--json"] : []),
    ...(terminal.quiet ? ["--quiet"] : []),
    ...(options.noColor ? ["--no-color"] : []),
  ];
}

/** What is about to happen, in a sentence or two. */
function introduce({ peers, loss, link }: LabOptions, topology: Topology): string {
  const used = Array.from(
    { length: Math.min(peers, topology.regions.length) },
    (_, p) => regionOf(topology, p),
  );
  const regions = used.length === 1 ? "" : `: ${used.slice(0, -1).join(", ")} and ${used.at(-1)}`;
  const override = linkOf({ link, loss });
  if (peers === 1) return "Starting 1 process on this machine.";
  return `Starting ${peers} processes on this machine, with the ` +
    `network of ${topology.name} between them${regions}` +
    `${override === null ? "" : ` (every link: ${override})`}.`;
}
