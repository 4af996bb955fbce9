/**
 * The least that a ring can be: processes that pass a number on, over kept TCP connections. It has no
 * acknowledgements, no epochs and no lock, and loses its token with the first process.
 *
 * @module
 */

import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Millis } from "../../../src/protocols/process.ts";
import { CLIENTS, type Contender, freePorts, pause, WARM_UP_MS } from "./measurement.ts";

/** Counts hops, and has nothing else. */
export function plainRing(): Contender {
  return {
    system: "plain ring",
    setup: "TCP, node:net",
    start: null,
    kill: null,
    countHops: (_folder, ms) => countHops(ms),
  };
}

async function countHops(ms: Millis): Promise<number> {
  const ports = freePorts(CLIENTS);
  const nodes = ports.map((port, i) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--allow-net", fileURLToPath(import.meta.url)],
        ...[String(port), String(ports[(i + 1) % CLIENTS]), String(ms), i === 0 ? "start" : "wait"],
      ],
      stdout: "piped",
    }).spawn()
  );
  const first = nodes[0]!.output();
  const text = new TextDecoder().decode((await first).stdout);
  for (const node of nodes.slice(1)) {
    node.kill("SIGKILL");
    await node.stdout.cancel();
    await node.status;
  }
  return Number(text);
}

/** One of its processes. The one that starts prints the hops a second, and ends. */
async function pass(port: number, next: number, ms: Millis, isFirst: boolean): Promise<void> {
  let value = 0;
  createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("data", (data) => {
      value = Number(data.toString()) + 1;
      out.write(`${value}\n`);
    });
  }).listen(port, "127.0.0.1");
  const out = await connected(next);
  out.setNoDelay(true);
  if (!isFirst) return;
  await pause(500); // Now all are connected.
  out.write("1\n");
  await pause(WARM_UP_MS);
  const [before, since] = [value, performance.now()];
  await pause(ms);
  const perSecond = (value - before) / (performance.now() - since) * 1000;
  Deno.stdout.writeSync(new TextEncoder().encode(`${perSecond}\n`));
  Deno.exit(0);
}

/** A connection, as soon as there is somebody at the other end. */
async function connected(port: number): Promise<ReturnType<typeof connect>> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (isOpen) return socket;
    await pause(20);
  }
}

if (import.meta.main) {
  const [port, next, ms, role] = Deno.args;
  await pass(Number(port), Number(next), Number(ms), role === "start");
}
