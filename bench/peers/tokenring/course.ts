/**
 * What is done with each system, in the same way.
 *
 * @module
 */

import type { Millis } from "../../../src/protocols/process.ts";
import { median } from "../measurement.ts";
import { type Client, type Contender, pause, type Result, type Service } from "./measurement.ts";
import type { Sizes } from "./measurement.ts";

/** Between two grants to a client on an idle ring, at most; it is drawn, so that no rhythm counts. */
const IDLE_PAUSE_MS: Millis = 40;

/** Measures everything once. */
export async function run(contender: Contender, folder: string, sizes: Sizes): Promise<Result> {
  const { start, kill, countHops } = contender;
  const dir = (name: string) => Deno.makeTempDir({ dir: folder, prefix: name });
  const hopsPerSecond = await countHops?.(await dir("hops"), sizes.hopsMs) ?? NaN;
  const measured = start === null ? NOTHING : await measure(await start(await dir("lock")), sizes);
  const kills = async (lease: "default" | "short") =>
    kill === null ? NaN : median(await kill(await dir(lease), lease, sizes.kills));
  return {
    ...measured,
    hopsPerSecond,
    takeoverMs: await kills("default"),
    shortTakeoverMs: await kills("short"),
  };
}

type Measured = Pick<Result, "grantP50Ms" | "grantP99Ms" | "sectionsPerSecond" | "commandMs">;

const NOTHING: Measured = {
  ...{ grantP50Ms: NaN, grantP99Ms: NaN, sectionsPerSecond: NaN, commandMs: NaN },
};

async function measure(service: Service, sizes: Sizes): Promise<Measured> {
  await using running = service;
  const watch = new Watch();
  // So that all code is compiled.
  await contend(running.clients, watch, sizes.contentionMs / 4);
  const grants = (await grantTimes(running.clients, watch, sizes.cycles)).toSorted((a, b) => a - b);
  const sectionsPerSecond = await contend(running.clients, watch, sizes.contentionMs);
  const commands: Millis[] = [];
  for (let i = 0; i < sizes.commands; i++) {
    const since = performance.now();
    await running.runCommand();
    commands.push(performance.now() - since);
  }
  return {
    grantP50Ms: median(grants),
    grantP99Ms: grants[Math.floor(grants.length * 0.99)] ?? NaN,
    sectionsPerSecond,
    commandMs: median(commands),
  };
}

/** Grants to one client after the other, while nobody else waits. */
async function grantTimes(
  clients: readonly Client[],
  watch: Watch,
  cycles: number,
): Promise<Millis[]> {
  const times: Millis[] = [];
  for (let i = 0; i < cycles; i++) {
    const client = clients[i % clients.length]!;
    await pause(Math.random() * IDLE_PAUSE_MS);
    const since = performance.now();
    const fence = await client.lock();
    times.push(performance.now() - since);
    watch.enter(fence);
    watch.leave();
    await client.unlock();
  }
  return times;
}

/** All clients lock and unlock as fast as they can. Returns the grants a second. */
async function contend(clients: readonly Client[], watch: Watch, ms: Millis): Promise<number> {
  const since = performance.now();
  let sections = 0;
  await Promise.all(clients.map(async (client) => {
    while (performance.now() - since < ms) {
      watch.enter(await client.lock());
      sections++;
      watch.leave();
      await client.unlock();
    }
  }));
  return sections / (performance.now() - since) * 1000;
}

/** Sees to it that one client has the lock at a time, and that fencing numbers grow. */
class Watch {
  #isIn = false;
  #fence = 0;

  enter(fence: number | null): void {
    if (this.#isIn) throw new Error("two clients have the lock");
    if (fence !== null && fence <= this.#fence) {
      throw new Error(`fencing number ${fence} after ${this.#fence}`);
    }
    this.#fence = fence ?? 0;
    this.#isIn = true;
  }

  leave(): void {
    this.#isIn = false;
  }
}
