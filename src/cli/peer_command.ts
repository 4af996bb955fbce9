/**
 * `mpcomm peer`: a process of the group.
 *
 * @module
 */

import { merge, object } from "@optique/core/constructs";
import type { InferValue } from "@optique/core/parser";
import type { Example } from "./command.ts";
import { defaulted, maybe, outputOptions, required } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";
import { connectAddress, listenAddress } from "./values/address.ts";
import { link } from "./values/link.ts";
import { name } from "./values/name.ts";
import { file } from "./values/path.ts";
import { region } from "./values/region.ts";
import { topology } from "./values/topology.ts";
import { wholeNumber } from "./values/whole_number.ts";

/** What follows `mpcomm`. */
export const usage = ["peer --manager HOST:PORT [OPTIONS]"];

/** What the command does. */
export const description = [
  "Runs one process of the group: it registers with the manager, waits for a comparison server's " +
  "start signal, multicasts its messages over UDP in the order that was asked for, hands over its " +
  "log, and waits for the next run.",
  "Multicasts go over UDP, start signals and logs over TCP (the control port), both on the host " +
  "of --listen. With a port in --listen, the control port has the same number unless " +
  "--control-port says otherwise; without, both are any free ones.",
];

/** Reads the options. */
export const parser = merge(
  object("Options", {
    manager: required("--manager", connectAddress(), "The group manager to register with"),
    listen: defaulted(
      "--listen",
      listenAddress(),
      { host: "127.0.0.1", port: 0 },
      "Where to receive multicasts (UDP); port 0 means any",
    ),
    controlPort: maybe(
      "--control-port",
      wholeNumber("PORT", { min: 0, max: 65_535 }),
      "TCP port for start signals and logs; 0 means any (default: the number of the UDP port if " +
        "--listen gives one, else any)",
    ),
    advertise: maybe(
      "--advertise",
      listenAddress(),
      "The UDP address that others use, behind NAT or in a cloud; port 0 means the one of " +
        "--listen, and the host is that of the control port too (default: the one of --listen)",
    ),
    name: maybe("--name", name(), "Name in lists and logs (default: the host's name and the port)"),
    log: maybe("--log", file(), "Keep this process's own log in a file, one JSON object a line"),
  }),
  object("Emulated network", {
    link: maybe(
      "--link",
      link(),
      "What the link does to datagrams: delay=40ms, jitter=5ms, loss=1%, duplicate=1%, " +
        "reorder=1%, or several with commas between them (default: nothing)",
    ),
    topology: maybe(
      "--topology",
      topology(),
      "Delays between regions: aws-2020, lan or a file (default: none)",
    ),
    region: maybe(
      "--region",
      region(),
      "The topology's region that this process is in (default: regions are given out in turn)",
    ),
  }),
  outputOptions,
);

/** The options of `mpcomm peer`. */
export type PeerOptions = InferValue<typeof parser>;

/** Command lines that work. */
export const examples: readonly Example[] = [
  { args: "peer --manager 127.0.0.1:5678", does: "join the group of this machine's manager" },
  {
    args: "peer --manager 10.0.0.5:5678 --listen 0.0.0.0:7001 --advertise 203.0.113.7:7001",
    does: "a VM behind NAT: open UDP and TCP port 7001",
  },
  {
    args: "peer --manager 127.0.0.1:5678 --name a --link delay=40ms,jitter=5ms,loss=1%",
    does: "with a bad network",
  },
];

/** Refuses a region of no topology. */
export function check(options: PeerOptions): void {
  if (options.region !== undefined && options.topology === undefined) {
    throw new UsageError("--region: needs a --topology that has the region");
  }
}

/** Runs the process until it is told to stop; returns the exit code. */
export async function run(options: PeerOptions, terminal: Terminal): Promise<number> {
  return await (await import("./run_peer.ts")).runPeer(options, terminal);
}
