/**
 * Measures corosync: closed process groups (CPG) in agreed order, one daemon a member.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { combine, type Contender, type Measurement, missing, runTool } from "./measurement.ts";

/** How a cluster is set up. */
interface Setup {
  readonly name: string;
  readonly mtu: number;
  readonly priority: "realtime" | "normal";
}

/** That of an Ethernet. */
const SMALL_MTU = 1500;

/** As it ships, its daemons preempt everything; on few processors that starves the clients. */
const SETUPS: readonly Setup[] = [
  { name: "as it ships", mtu: SMALL_MTU, priority: "realtime" },
  { name: "normal priority", mtu: SMALL_MTU, priority: "normal" },
  { name: "normal priority, MTU 65535", mtu: 65535, priority: "normal" },
];

/** What must be there, and how to get it. */
export const INSTALL =
  "apt-get install corosync libcpg-dev gcc libc6-dev iproute2 util-linux nftables; run as root";

/** What is missing for a measurement. */
export async function missingForCorosync(): Promise<string[]> {
  const absent = await missing(
    ["corosync", "corosync-cmapctl", "gcc", "ip", "unshare", "nsenter", "nft"],
    ["/usr/include/corosync/cpg.h"],
  );
  return Deno.uid() === 0 ? absent : [...absent, "the rights of root"];
}

/** Builds the driver in a folder. */
export async function corosync(folder: string): Promise<Contender[]> {
  const bench = `${folder}/cpg_bench`;
  const source = fileURLToPath(new URL("corosync/cpg_bench.c", import.meta.url));
  await runTool("gcc", ["-O2", "-o", bench, source, "-lcpg"]);
  return SETUPS.map((setup) => ({
    system: "corosync",
    setup: setup.name,
    measure: (measurements) => measure(bench, setup, measurements),
  }));
}

/** One cluster for all measurements with the same number of members: its start takes seconds. */
async function measure(bench: string, setup: Setup, measurements: readonly Measurement[]) {
  const outputs = new Map<Measurement, string[]>();
  // With loss it waits for timeouts, which takes long: one MTU is enough.
  const wanted = measurements.filter((m) => m.lossRate === 0 || setup.mtu === SMALL_MTU);
  for (const members of new Set(wanted.map((m) => m.members))) {
    const some = wanted.filter((m) => m.members === members);
    const sections = await runCluster(bench, members, setup, some);
    for (const [i, m] of some.entries()) outputs.set(m, sections[i] ?? []);
  }
  return measurements.map((m) => {
    const lines = outputs.get(m);
    return lines === undefined ? "skipped" : combine(lines, m);
  });
}

async function runCluster(
  bench: string,
  members: number,
  { mtu, priority }: Setup,
  measurements: readonly Measurement[],
): Promise<string[][]> {
  const script = fileURLToPath(new URL("corosync/cluster.sh", import.meta.url));
  const specs = measurements.map((m) =>
    [m.senders, m.messages, m.payloadBytes, m.outstanding, Math.round(m.lossRate * 1000)].join(":")
  );
  const cluster = new Deno.Command(script, {
    args: [bench, String(members), String(mtu), priority, ...specs],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // The cluster ends with its input, so the input stays open.
  const text = await new Response(cluster.stdout).text();
  await cluster.stdin.close().catch(() => {/* It has ended before. */});
  await cluster.status;
  return text.split(/^# .*\n/m).slice(1).map((section) => section.split("\n").filter(Boolean));
}
